-- SPDX-License-Identifier: Apache-2.0
-- Tokens that can do nothing but raise an alarm when somebody uses them.

ALTER TABLE token ADD COLUMN is_canary INTEGER NOT NULL DEFAULT 0
    CHECK (is_canary IN (0, 1));
