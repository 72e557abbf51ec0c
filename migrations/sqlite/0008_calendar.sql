-- SPDX-License-Identifier: Apache-2.0
-- Calendars of coming expiries. The address of one is a secret: a SHA-256 is kept of it.

CREATE TABLE calendar (
    person_id INTEGER PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    made_at_s INTEGER NOT NULL
) STRICT;
