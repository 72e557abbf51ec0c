-- SPDX-License-Identifier: Apache-2.0
-- Room for permissions with numbers from 256 on, which upstreams bring: the bytes of the
-- set behind the first 32. Empty = none of them.

ALTER TABLE role ADD COLUMN more_permissions BLOB NOT NULL DEFAULT x'';
ALTER TABLE token ADD COLUMN more_permissions BLOB NOT NULL DEFAULT x'';
