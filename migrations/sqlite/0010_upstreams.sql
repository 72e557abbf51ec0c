-- SPDX-License-Identifier: Apache-2.0
-- Upstreams, with the descriptions of their operations, and the permissions that these
-- brought into the catalogue. Numbers below 256 are our own (model/permission.h); a
-- number is given once and for ever.

CREATE TABLE upstream (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    is_tls INTEGER NOT NULL CHECK (is_tls IN (0, 1)),
    addresses TEXT NOT NULL CHECK (addresses <> ''), -- host:port, separated by blanks
    base_path TEXT NOT NULL,
    tls_ca_file TEXT NOT NULL,
    tls_certificate_file TEXT NOT NULL,
    tls_key_file TEXT NOT NULL,
    tls_server_name TEXT NOT NULL,
    connect_timeout_ms INTEGER NOT NULL,
    first_byte_timeout_ms INTEGER NOT NULL,
    whole_timeout_ms INTEGER NOT NULL,
    is_suspended INTEGER NOT NULL CHECK (is_suspended IN (0, 1)),
    created_at_s INTEGER NOT NULL,
    changed_at_s INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE upstream_description (
    upstream_id INTEGER PRIMARY KEY REFERENCES upstream (id) ON DELETE CASCADE,
    document BLOB NOT NULL, -- as it was given: OpenAPI in JSON or YAML
    overlay BLOB NOT NULL   -- OpenAPI Overlay; empty = none
) STRICT;

CREATE TABLE permission (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 256 AND 1023),
    feature TEXT NOT NULL,
    action TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    added_at_s INTEGER NOT NULL
) STRICT;
