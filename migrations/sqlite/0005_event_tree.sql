-- SPDX-License-Identifier: Apache-2.0
-- Event History as a Merkle tree (RFC 6962): event 1 is leaf 0.

-- Hashes of the newest events, until 256 of them make a tile. Each is written together
-- with its event, so that a row that is altered afterwards is known by its number.
CREATE TABLE event_leaf (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- 256 hashes and the root over them. Level 0: of events place × 256 + 1 …; level n: the
-- roots of level n - 1. Tiles stay when their events are removed.
CREATE TABLE event_tile (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32), -- before the long one: read alone
    hashes BLOB NOT NULL CHECK (length(hashes) = 8192),
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;

-- What the server signed: so many events have this root.
CREATE TABLE event_head (
    size INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    PRIMARY KEY (size, at_ms)
) STRICT, WITHOUT ROWID;
