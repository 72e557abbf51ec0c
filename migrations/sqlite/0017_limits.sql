-- SPDX-License-Identifier: Apache-2.0
-- Limits of single tokens (0 = none), and what of them is given out.

ALTER TABLE token ADD COLUMN rate_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN rate_window_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN quota_per_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN concurrent_max INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN max_uses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN not_before_s INTEGER NOT NULL DEFAULT 0;

-- Uses are reserved in blocks by servers, before they are used: what a server had when it
-- was killed counts as used, so there is never one too many.
CREATE TABLE token_allowance (
    token_id TEXT PRIMARY KEY REFERENCES token (id) ON DELETE CASCADE,
    uses_reserved INTEGER NOT NULL,
    day INTEGER NOT NULL, -- since 1970-01-01, UTC
    day_reserved INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
