-- SPDX-License-Identifier: Apache-2.0
-- What time does to tokens, what people are told of it, and the outbox.

-- When the housekeeper has to look at a token next; NULL: never again. 0 is "at once":
-- a new token, one whose expiry date was changed, and all that were here before.
ALTER TABLE token ADD COLUMN due_at_s INTEGER DEFAULT 0;
CREATE INDEX token_due ON token (due_at_s, id) WHERE due_at_s IS NOT NULL;

-- The ledger: each kind of notice is given once for a token and an expiry date. A row is
-- written in the transaction of what it stands for.
CREATE TABLE notice (
    token_id TEXT NOT NULL REFERENCES token (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL,
    expires_on TEXT NOT NULL CHECK (length(expires_on) = 10),
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (token_id, kind, expires_on)
) STRICT, WITHOUT ROWID;

-- The outbox. A letter is open, and gathers what its reader has to hear, until it is
-- taken for sending for the first time.
CREATE TABLE letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE, -- in its Message-ID
    kind INTEGER NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    state INTEGER NOT NULL CHECK (state IN (1, 2, 3, 4)),
    is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    line_count INTEGER NOT NULL, -- tokens it is about; not all of them have a line
    made_at_ms INTEGER NOT NULL,
    next_at_ms INTEGER NOT NULL, -- not sent before
    give_up_at_ms INTEGER NOT NULL,
    taken_at_ms INTEGER NOT NULL DEFAULT 0,
    done_at_ms INTEGER NOT NULL DEFAULT 0, -- sent, or failed for good
    try_count INTEGER NOT NULL DEFAULT 0,
    last_failure TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX letter_open ON letter (email, kind) WHERE is_open = 1;
CREATE INDEX letter_made ON letter (email, kind, made_at_ms);
CREATE INDEX letter_next ON letter (state, next_at_ms, id);

-- One token in a letter, as it was when the letter was written.
CREATE TABLE letter_line (
    letter_id INTEGER NOT NULL REFERENCES letter (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    token_id TEXT NOT NULL,
    title TEXT NOT NULL,
    user_email TEXT NOT NULL,
    user_name TEXT NOT NULL,
    expires_on TEXT NOT NULL CHECK (length(expires_on) = 10),
    is_late INTEGER NOT NULL CHECK (is_late IN (0, 1)),
    PRIMARY KEY (letter_id, place)
) STRICT, WITHOUT ROWID;
