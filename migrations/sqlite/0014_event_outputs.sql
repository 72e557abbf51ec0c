-- SPDX-License-Identifier: Apache-2.0
-- Where Event History goes: syslog servers, webhooks, and the cursors of exports.

CREATE TABLE event_output (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    format INTEGER NOT NULL,
    url TEXT NOT NULL,              -- '' of a cursor
    is_paused INTEGER NOT NULL CHECK (is_paused IN (0, 1)),
    ca_pem TEXT NOT NULL DEFAULT '',   -- who vouches for the receiver; '' = the system's
    cert_pem TEXT NOT NULL DEFAULT '', -- who we are to it; '' = nobody
    sealed_key BLOB NOT NULL DEFAULT x'',
    cursor_id INTEGER NOT NULL,     -- events up to this one were taken
    created_at_s INTEGER NOT NULL,
    changed_at_s INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    -- how it goes
    taken_at_ms INTEGER NOT NULL DEFAULT 0,
    failing_since_ms INTEGER NOT NULL DEFAULT 0, -- 0 = it works
    last_failure TEXT NOT NULL DEFAULT '',
    test_asked_ms INTEGER NOT NULL DEFAULT 0,
    test_done_ms INTEGER NOT NULL DEFAULT 0,
    test_failure TEXT NOT NULL DEFAULT ''
) STRICT;
