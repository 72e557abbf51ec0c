-- SPDX-License-Identifier: Apache-2.0
-- Questions of commands about refusals, which the server keeps in memory only: the command
-- writes a row, the server fills it in, the command takes it away again.

CREATE TABLE refusal_question (
    request_id TEXT PRIMARY KEY,
    asked_at_ms INTEGER NOT NULL,
    state INTEGER NOT NULL CHECK (state IN (1, 2, 3)), -- asked, found, not found
    at_ms INTEGER NOT NULL DEFAULT 0,
    verdict TEXT NOT NULL DEFAULT '',
    token_id TEXT NOT NULL DEFAULT '',
    method TEXT NOT NULL DEFAULT '',
    uri TEXT NOT NULL DEFAULT '',
    query TEXT NOT NULL DEFAULT '', -- redacted, as in memory; so is body
    body TEXT NOT NULL DEFAULT '',
    issued_at_ms INTEGER NOT NULL DEFAULT 0,
    address TEXT NOT NULL DEFAULT '',
    words TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
