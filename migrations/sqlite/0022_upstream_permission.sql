-- SPDX-License-Identifier: Apache-2.0
-- Which permissions the description of an upstream asks for. One that none asks for any more
-- is offered to nobody; who has it keeps it.

CREATE TABLE upstream_permission (
    upstream_id INTEGER NOT NULL REFERENCES upstream (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    PRIMARY KEY (upstream_id, number)
) STRICT, WITHOUT ROWID;

-- 0: it was stored before this was kept, and nobody knows what it asks for.
ALTER TABLE upstream ADD COLUMN has_permissions INTEGER NOT NULL DEFAULT 0
    CHECK (has_permissions IN (0, 1));
