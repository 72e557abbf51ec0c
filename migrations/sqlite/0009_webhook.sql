-- SPDX-License-Identifier: Apache-2.0
-- Notices on their way to the webhook, in order; they go when they were taken, or are too
-- old. Written in the transaction of what they tell.

CREATE TABLE webhook_notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    token_id TEXT NOT NULL,
    title TEXT NOT NULL,
    user_email TEXT NOT NULL,
    user_name TEXT NOT NULL,
    expires_on TEXT NOT NULL CHECK (length(expires_on) = 10),
    is_late INTEGER NOT NULL CHECK (is_late IN (0, 1)),
    at_ms INTEGER NOT NULL
) STRICT;
