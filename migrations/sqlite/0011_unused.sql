-- SPDX-License-Identifier: Apache-2.0
-- Letters about tokens that nobody uses, and what a notice has to add to its token.

-- The ledger: a user is told once a month. Written in the transaction of the letter.
CREATE TABLE unused_notice (
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    month TEXT NOT NULL CHECK (length(month) = 7), -- YYYY-MM
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (person_id, month)
) STRICT, WITHOUT ROWID;

ALTER TABLE letter_line ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE webhook_notice ADD COLUMN note TEXT NOT NULL DEFAULT '';
