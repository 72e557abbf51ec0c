-- SPDX-License-Identifier: Apache-2.0
-- What tokens have used, and on which day last: permissions (kind 1, item: the number),
-- approved addresses (2, the range), device groups (3, the id). For suggestions of less.
CREATE TABLE token_used (
    token_id TEXT NOT NULL REFERENCES token (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
    item TEXT NOT NULL,
    day INTEGER NOT NULL, -- since 1970-01-01, UTC
    PRIMARY KEY (token_id, kind, item)
) STRICT, WITHOUT ROWID;

-- Before this day nothing is known.
INSERT INTO fact (name, value)
VALUES ('used_since_day', CAST(CAST(CAST(strftime('%s', 'now') AS INTEGER) / 86400 AS TEXT) AS BLOB));
