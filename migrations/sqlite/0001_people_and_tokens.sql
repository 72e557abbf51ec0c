-- SPDX-License-Identifier: Apache-2.0
-- The account, its people, what they hand out, and the record of it.
-- Times are Unix seconds (…_at_s) or milliseconds (…_at_ms), UTC; truths are 0 or 1.
-- AUTOINCREMENT where an id outlives its row in other places (a token's groups, events):
-- an id that is used again would name somebody else.

CREATE TABLE fact (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE role (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
    is_system_admin INTEGER NOT NULL CHECK (is_system_admin IN (0, 1)),
    permissions BLOB NOT NULL CHECK (length(permissions) = 32),
    created_at_s INTEGER NOT NULL,
    changed_at_s INTEGER NOT NULL
) STRICT;

CREATE TABLE person (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE, -- folded
    name TEXT NOT NULL,
    role_id INTEGER NOT NULL REFERENCES role (id),
    is_suspended INTEGER NOT NULL CHECK (is_suspended IN (0, 1)),
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    password_hash TEXT NOT NULL,
    created_at_s INTEGER NOT NULL,
    changed_at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX person_role ON person (role_id);

CREATE TABLE device_group (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    created_at_s INTEGER NOT NULL,
    changed_at_s INTEGER NOT NULL
) STRICT;

CREATE TABLE person_group (
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    group_id INTEGER NOT NULL REFERENCES device_group (id),
    PRIMARY KEY (person_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_group_group ON person_group (group_id);

-- Which devices a group holds. device_id is device.id; whoever removes a device removes
-- its rows here.
CREATE TABLE device_group_member (
    group_id INTEGER NOT NULL REFERENCES device_group (id) ON DELETE CASCADE,
    device_id INTEGER NOT NULL,
    PRIMARY KEY (group_id, device_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_group_member_device ON device_group_member (device_id, group_id);

-- group_ids: ascending, 8 bytes each, big endian; addresses: 17 bytes each (16 of the
-- address, 1 of bits). Packed, and the long texts last, so that 100,000 tokens load in a
-- fraction of a second.
CREATE TABLE token (
    id TEXT PRIMARY KEY,
    alg INTEGER NOT NULL CHECK (alg IN (1, 2)),
    person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    permissions BLOB NOT NULL CHECK (length(permissions) = 32),
    group_ids BLOB NOT NULL CHECK (length(group_ids) % 8 = 0),
    addresses BLOB NOT NULL CHECK (length(addresses) % 17 = 0),
    expires_on TEXT NOT NULL CHECK (length(expires_on) = 10),
    expires_at_s INTEGER NOT NULL,
    is_suspended INTEGER NOT NULL CHECK (is_suspended IN (0, 1)),
    key_material BLOB NOT NULL, -- HS256: sealed secret key; ES256: x and y
    created_at_s INTEGER NOT NULL,
    changed_at_s INTEGER NOT NULL,
    changed_by INTEGER NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_person ON token (person_id, expires_at_s, id);
CREATE INDEX token_expiry ON token (expires_at_s, id);

-- The same as token.group_ids, to be asked from the group's side.
CREATE TABLE token_group (
    group_id INTEGER NOT NULL REFERENCES device_group (id) ON DELETE CASCADE,
    token_id TEXT NOT NULL REFERENCES token (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, token_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_group_token ON token_group (token_id);

-- Apart from token, because it is written often and without an event.
CREATE TABLE token_use (
    token_id TEXT PRIMARY KEY REFERENCES token (id) ON DELETE CASCADE,
    last_used_at_s INTEGER NOT NULL,
    last_used_from TEXT NOT NULL,
    use_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE licence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    order_no TEXT NOT NULL,
    starts_at_s INTEGER NOT NULL,
    ends_at_s INTEGER NOT NULL,
    seat_count INTEGER NOT NULL
) STRICT;

-- Event History. Ids rise without gaps: what is missing is seen.
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    actor_kind INTEGER NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    address TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    object_name TEXT NOT NULL,
    request_id TEXT NOT NULL,
    details TEXT NOT NULL
) STRICT;
CREATE INDEX event_time ON event (at_ms);
CREATE INDEX event_object ON event (object_id, id);

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;

CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    key TEXT NOT NULL
) STRICT;
