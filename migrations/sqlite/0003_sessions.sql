-- SPDX-License-Identifier: Apache-2.0
-- Sessions at the console, second factors, and when people logged in and changed their
-- password. Of whatever opens a door only a SHA-256 is kept, or it is sealed under the
-- master key.

ALTER TABLE person ADD COLUMN password_changed_at_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN last_login_at_s INTEGER NOT NULL DEFAULT 0;

CREATE TABLE session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE, -- for the outside
    cookie_hash BLOB NOT NULL UNIQUE CHECK (length(cookie_hash) = 32),
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    state INTEGER NOT NULL CHECK (state IN (1, 2, 3)),
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at_s INTEGER NOT NULL,
    used_at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX session_person ON session (person_id);

-- sealed: the TOTP secret; last_step: of the newest code that was used.
CREATE TABLE second_factor (
    person_id INTEGER PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    is_in_force INTEGER NOT NULL CHECK (is_in_force IN (0, 1)),
    last_step INTEGER NOT NULL,
    created_at_s INTEGER NOT NULL
) STRICT;

-- A code that was used is gone.
CREATE TABLE recovery_code (
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    PRIMARY KEY (person_id, code_hash)
) STRICT, WITHOUT ROWID;
