-- SPDX-License-Identifier: Apache-2.0
-- What the list of tokens is searched in: title, description and id, case folded, a line
-- each. And an index from which tokens of a label are counted.

ALTER TABLE token ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
UPDATE token SET search_text = fold(title || char(10) || description || char(10) || id);
CREATE INDEX token_state ON token (is_suspended, expires_at_s);
