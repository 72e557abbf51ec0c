-- SPDX-License-Identifier: Apache-2.0
-- What the console lists, edits and counts. fold() is ours: the case folding of names,
-- known to every connection.

-- Rises with each change: an edit says of which version it is.
ALTER TABLE role ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE person ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE device_group ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE licence ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

ALTER TABLE person ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';
UPDATE person SET name_folded = fold(name);
CREATE INDEX person_name ON person (name_folded, id);
CREATE INDEX person_created ON person (created_at_s, id);

-- A path of names, "Europe/France"; '' = at the top.
ALTER TABLE device_group ADD COLUMN folder TEXT NOT NULL DEFAULT '';

-- Has the maker shown that they hold the private key?
ALTER TABLE token ADD COLUMN is_proved INTEGER NOT NULL DEFAULT 0
    CHECK (is_proved IN (0, 1));
ALTER TABLE token ADD COLUMN title_folded TEXT NOT NULL DEFAULT '';
UPDATE token SET title_folded = fold(title);
CREATE INDEX token_title ON token (title_folded, id);
CREATE INDEX token_created ON token (created_at_s, id);
CREATE INDEX token_changed ON token (changed_at_s, id);

-- How often a token was used on a day, and how often it was refused, by reason.
CREATE TABLE token_use_day (
    token_id TEXT NOT NULL REFERENCES token (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,  -- since 1970-01-01, UTC
    outcome TEXT NOT NULL, -- the name of the verdict: 'permitted', 'expired', …
    count INTEGER NOT NULL,
    PRIMARY KEY (token_id, day, outcome)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_use_day_day ON token_use_day (day);

CREATE INDEX event_actor ON event (actor_id, id);
