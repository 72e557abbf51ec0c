-- SPDX-License-Identifier: Apache-2.0
-- By whom (a user's id; 0 = by command) and when a token was suspended: what somebody else
-- than its user has suspended, its user does not resume. A suspended token is changed by
-- nothing but its resumption: who changed it last has suspended it.

ALTER TABLE token ADD COLUMN suspended_by INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN suspended_at_s INTEGER NOT NULL DEFAULT 0;
UPDATE token SET suspended_by = changed_by, suspended_at_s = changed_at_s
 WHERE is_suspended = 1;
