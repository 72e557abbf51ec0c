-- SPDX-License-Identifier: Apache-2.0
-- Tightened sets that are tried out beside those of tokens: what would have failed.

-- One a token. Its set as in token; a set without groups or addresses is not limited in
-- them. over_at_s: 0 = it runs. A call that would have failed is one of failed_count, one
-- that would have told of fewer devices one of less_count; unlisted_count: reasons for
-- which there was no room.
CREATE TABLE token_shadow (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_id TEXT NOT NULL UNIQUE REFERENCES token (id) ON DELETE CASCADE,
    permissions BLOB NOT NULL CHECK (length(permissions) >= 32),
    group_ids BLOB NOT NULL CHECK (length(group_ids) % 8 = 0),
    addresses BLOB NOT NULL CHECK (length(addresses) % 17 = 0),
    started_by TEXT NOT NULL,
    started_at_s INTEGER NOT NULL,
    ends_at_s INTEGER NOT NULL,
    over_at_s INTEGER NOT NULL DEFAULT 0,
    is_stopped INTEGER NOT NULL DEFAULT 0 CHECK (is_stopped IN (0, 1)),
    call_count INTEGER NOT NULL DEFAULT 0,
    failed_count INTEGER NOT NULL DEFAULT 0,
    less_count INTEGER NOT NULL DEFAULT 0,
    unlisted_count INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX token_shadow_end ON token_shadow (ends_at_s) WHERE over_at_s = 0;

-- Which calls, and why: a permission (kind 1, item: its number), the address (2), a
-- device group (3, its id; 0 = none), fewer devices (4, no item).
CREATE TABLE token_shadow_miss (
    shadow_id INTEGER NOT NULL REFERENCES token_shadow (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3, 4)),
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    item TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_at_s INTEGER NOT NULL,
    last_at_s INTEGER NOT NULL,
    PRIMARY KEY (shadow_id, kind, method, path, item)
) STRICT, WITHOUT ROWID;
