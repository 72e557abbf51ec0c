-- SPDX-License-Identifier: Apache-2.0
-- Tokens that are replaced by another one.

-- By which token, when that was said, and when the overlap of both ends. expires_at_s is
-- the end of the overlap or of the expiry date, whichever comes first.
ALTER TABLE token ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN replaced_at_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN overlap_ends_at_s INTEGER NOT NULL DEFAULT 0;
CREATE INDEX token_replaced_by ON token (replaced_by) WHERE replaced_by <> '';
