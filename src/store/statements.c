/* SPDX-License-Identifier: Apache-2.0
 *
 * THE STATEMENT TABLE: every question about people, tokens and their record that we ever
 * ask the database. (The device inventory, whose queries are compiled, keeps its own
 * beside it in store_devices.c.) `$1` means the same to every database; the order of
 * columns is that of the …_COLUMNS, which the readers in store_….c follow. */
#include "store/statements.h"

#define ROLE_COLUMNS                                                           \
    "id, name, is_default, is_system_admin, permissions || more_permissions, " \
    "created_at_s, changed_at_s,"                                              \
    " version"
#define USER_COLUMNS                                                     \
    "id, uid, email, name, role_id, is_suspended, must_change_password," \
    " password_hash, created_at_s, changed_at_s, password_changed_at_s," \
    " last_login_at_s, version"
#define SESSION_COLUMNS \
    "id, uid, person_id, state, address, user_agent, created_at_s, used_at_s"
#define GROUP_COLUMNS                                                               \
    "g.id, g.uid, g.name, g.description, g.folder, g.created_at_s, g.changed_at_s," \
    " g.version"
#define LICENCE_COLUMNS \
    "id, uid, name, order_no, starts_at_s, ends_at_s, seat_count, version"
#define TOKEN_COLUMNS                                                                  \
    "t.id, t.alg + 2 * t.is_bearer, t.person_id,"                                      \
    " t.permissions || t.more_permissions, t.group_ids, "                              \
    "t.addresses, t.expires_on,"                                                       \
    " t.expires_at_s, t.is_suspended, t.key_material, t.created_at_s, t.changed_at_s," \
    " t.changed_by, t.version, t.is_proved, t.replaced_by, t.is_canary,"               \
    " t.rate_count, t.rate_window_s, t.quota_per_day, t.concurrent_max, t.max_uses,"   \
    " t.not_before_s"
#define TOKEN_WHOLE                                                              \
    TOKEN_COLUMNS ", t.title, t.description, coalesce(u.last_used_at_s, 0),"     \
                  " coalesce(u.last_used_from, ''), coalesce(u.use_count, 0),"   \
                  " t.replaced_at_s, t.overlap_ends_at_s, coalesce((SELECT r.id" \
                  " FROM token r WHERE r.replaced_by <> ''"                      \
                  " AND r.replaced_by = t.id LIMIT 1), ''),"                     \
                  " t.suspended_by, t.suspended_at_s"                            \
                  " FROM token t LEFT JOIN token_use u ON u.token_id = t.id"
/* $2: not expired then; $3: neither made nor used after that. */
#define UNUSED_TOKENS                                                       \
    " FROM token t JOIN person p ON p.id = t.person_id"                     \
    " LEFT JOIN token_use u ON u.token_id = t.id WHERE t.expires_at_s > $2" \
    " AND t.is_canary = 0 AND t.created_at_s <= $3"                         \
    " AND coalesce(u.last_used_at_s, 0) <= $3"
/* $1: numbers of permissions, ",17,256,"; $2: used on this day or later; $3: not expired
 * then. */
#define TOKENS_THAT_USED                                                   \
    " FROM token_used u JOIN token t ON t.id = u.token_id"                 \
    " JOIN person p ON p.id = t.person_id"                                 \
    " WHERE u.kind = 1 AND $1 LIKE '%,' || u.item || ',%' AND u.day >= $2" \
    " AND t.is_suspended = 0 AND t.expires_at_s > $3 AND p.is_suspended = 0"
#define SHADOW_COLUMNS                                                           \
    "id, token_id, permissions, group_ids, addresses, started_by, started_at_s," \
    " ends_at_s, over_at_s, is_stopped, call_count, failed_count, less_count,"   \
    " unlisted_count"
#define EVENT_COLUMNS                                                          \
    "id, at_ms, kind, actor_kind, actor_id, actor_name, address, object_kind," \
    " object_id, object_name, request_id, details"

#define UPSTREAM_COLUMNS                                                        \
    "id, uid, name, prefix, is_tls, addresses, base_path, tls_ca_file,"         \
    " tls_certificate_file, tls_key_file, tls_server_name, connect_timeout_ms," \
    " first_byte_timeout_ms, whole_timeout_ms, is_suspended, created_at_s,"     \
    " changed_at_s, health_path, health_status, health_interval_s, version"

#define OUTPUT_COLUMNS                                                                \
    "id, uid, name, kind, format, url, is_paused, ca_pem <> '', cert_pem <> '',"      \
    " cursor_id, created_at_s, changed_at_s, version, taken_at_ms, failing_since_ms," \
    " last_failure, test_asked_ms, test_done_ms, test_failure"

#define LETTER_COLUMNS                                                       \
    "id, uid, kind, email, name, state, line_count, made_at_ms, next_at_ms," \
    " give_up_at_ms, done_at_ms, try_count, last_failure"

const char *const STATEMENTS[STATEMENT_COUNT] = {
    [FACT_GET] = "SELECT value FROM fact WHERE name = $1",
    [FACT_SET] = "INSERT INTO fact (name, value) VALUES ($1, $2)"
                 " ON CONFLICT (name) DO UPDATE SET value = excluded.value",

    [CHANGE_ADD] = "INSERT INTO change (kind, key) VALUES ($1, $2)",
    [CHANGE_LIST] = "SELECT id, kind, key FROM change WHERE id > $1 ORDER BY id"
                    " LIMIT 1000",
    [CHANGE_ENDS] = "SELECT (SELECT coalesce(min(id), 0) FROM change),"
                    " (SELECT coalesce(max(id), 0) FROM change)",
    [CHANGE_PRUNE] = "DELETE FROM change WHERE id <="
                     " (SELECT coalesce(max(id), 0) FROM change) - 100000",

    [ROLE_BY_ID] = "SELECT " ROLE_COLUMNS " FROM role WHERE id = $1",
    [ROLE_BY_NAME] = "SELECT " ROLE_COLUMNS " FROM role WHERE name_folded = $1",
    [ROLE_ADD] = "INSERT INTO role (name, name_folded, is_default, is_system_admin,"
                 " permissions, more_permissions, created_at_s, changed_at_s)"
                 " VALUES ($1, $2, $3, $4, substr($5, 1, 32), substr($5, 33), $6, $7)"
                 " RETURNING id",
    [ROLE_CHANGE] = "UPDATE role SET name = $2, name_folded = $3,"
                    " permissions = substr($4, 1, 32), more_permissions = substr($4, 33),"
                    " changed_at_s = $5, version = version + 1"
                    " WHERE id = $1 RETURNING version",
    [ROLE_REMOVE] = "DELETE FROM role WHERE id = $1 RETURNING id",
    [ROLE_COUNT_USERS] = "SELECT count(*) FROM person WHERE role_id = $1",
    [ROLE_LIST] = "SELECT " ROLE_COLUMNS " FROM role ORDER BY name_folded",

    [USER_BY_ID] = "SELECT " USER_COLUMNS " FROM person WHERE id = $1",
    [USER_BY_EMAIL] = "SELECT " USER_COLUMNS " FROM person WHERE email = $1",
    [USER_ADD] = "INSERT INTO person (uid, email, name, role_id, is_suspended,"
                 " must_change_password, password_hash, created_at_s, changed_at_s,"
                 " password_changed_at_s, name_folded)"
                 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
    [USER_CHANGE] = "UPDATE person SET email = $2, name = $3, role_id = $4,"
                    " is_suspended = $5, must_change_password = $6,"
                    " password_hash = $7, changed_at_s = $8,"
                    " password_changed_at_s = $9, name_folded = $10,"
                    " version = version + 1 WHERE id = $1 RETURNING version",
    [USER_REMOVE] = "DELETE FROM person WHERE id = $1 RETURNING id",
    [USER_COUNT_TOKENS] = "SELECT count(*) FROM token WHERE person_id = $1",
    [USER_LIST] = "SELECT " USER_COLUMNS " FROM person ORDER BY email",
    [USER_GROUPS] = "SELECT group_id FROM person_group WHERE person_id = $1"
                    " ORDER BY group_id",
    [USER_GROUPS_CLEAR] = "DELETE FROM person_group WHERE person_id = $1",
    [USER_GROUPS_ADD] = "INSERT INTO person_group (person_id, group_id) VALUES ($1, $2)"
                        " ON CONFLICT (person_id, group_id) DO NOTHING",
    [USER_COUNT_ADMINS] = "SELECT count(*) FROM person p JOIN role r ON r.id = p.role_id"
                          " WHERE r.is_system_admin = 1 AND p.is_suspended = 0",
    [USER_COUNT] = "SELECT count(*) FROM person",
    [USER_BY_UID] = "SELECT " USER_COLUMNS " FROM person WHERE uid = $1",
    [USER_LOGGED_IN] = "UPDATE person SET last_login_at_s = $2 WHERE id = $1"
                       " RETURNING id",

    [SESSION_ADD] = "INSERT INTO session (uid, cookie_hash, person_id, state, address,"
                    " user_agent, created_at_s, used_at_s)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
    [SESSION_BY_HASH] = "SELECT " SESSION_COLUMNS " FROM session WHERE cookie_hash = $1",
    [SESSION_BY_UID] = "SELECT " SESSION_COLUMNS " FROM session"
                       " WHERE person_id = $1 AND uid = $2",
    [SESSION_IS_OF] = "SELECT id FROM session WHERE id = $1 AND person_id = $2",
    [SESSION_LIST] = "SELECT " SESSION_COLUMNS " FROM session WHERE person_id = $1"
                     " ORDER BY used_at_s DESC, id DESC",
    [SESSION_USE] = "UPDATE session SET used_at_s = $2"
                    " WHERE id = $1 AND used_at_s < $2",
    [SESSION_REMOVE] = "DELETE FROM session WHERE id = $1 RETURNING id",
    [SESSION_REMOVE_OF_USER] = "DELETE FROM session WHERE person_id = $1 AND id <> $2",
    [SESSION_KEEP_NEWEST] = "DELETE FROM session WHERE person_id = $1 AND id NOT IN"
                            " (SELECT id FROM session WHERE person_id = $1"
                            " ORDER BY used_at_s DESC, id DESC LIMIT $2)",
    [SESSION_PRUNE] = "DELETE FROM session WHERE used_at_s < $1 OR created_at_s < $2",

    [FACTOR_BY_USER] = "SELECT person_id, sealed, is_in_force, last_step, created_at_s"
                       " FROM second_factor WHERE person_id = $1",
    [FACTOR_SET] = "INSERT INTO second_factor (person_id, sealed, is_in_force, last_step,"
                   " created_at_s) VALUES ($1, $2, $3, $4, $5)"
                   " ON CONFLICT (person_id) DO UPDATE SET sealed = excluded.sealed,"
                   " is_in_force = excluded.is_in_force, last_step = excluded.last_step,"
                   " created_at_s = excluded.created_at_s",
    [FACTOR_USE] = "UPDATE second_factor SET last_step = $2"
                   " WHERE person_id = $1 AND last_step < $2 RETURNING person_id",
    [FACTOR_REMOVE] = "DELETE FROM second_factor WHERE person_id = $1"
                      " RETURNING person_id",
    [RECOVERY_CLEAR] = "DELETE FROM recovery_code WHERE person_id = $1",
    [RECOVERY_ADD] = "INSERT INTO recovery_code (person_id, code_hash) VALUES ($1, $2)",
    [RECOVERY_USE] = "DELETE FROM recovery_code WHERE person_id = $1 AND code_hash = $2"
                     " RETURNING person_id",
    [RECOVERY_COUNT] = "SELECT count(*) FROM recovery_code WHERE person_id = $1",

    [GROUP_BY_ID] = "SELECT " GROUP_COLUMNS " FROM device_group g WHERE g.id = $1",
    [GROUP_BY_NAME] =
        "SELECT " GROUP_COLUMNS " FROM device_group g WHERE g.name_folded = $1",
    [GROUP_BY_UID] = "SELECT " GROUP_COLUMNS " FROM device_group g WHERE g.uid = $1",
    [GROUP_ADD] = "INSERT INTO device_group (uid, name, name_folded, description,"
                  " created_at_s, changed_at_s, folder)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
    [GROUP_CHANGE] = "UPDATE device_group SET name = $2, name_folded = $3,"
                     " description = $4, changed_at_s = $5, folder = $6,"
                     " version = version + 1 WHERE id = $1 RETURNING version",
    [GROUP_LIVING_TOKEN] = "SELECT t.id FROM token_group tg JOIN token t"
                           " ON t.id = tg.token_id"
                           " WHERE tg.group_id = $1 AND t.expires_at_s > $2 LIMIT 1",
    [GROUP_REMOVE] = "DELETE FROM device_group WHERE id = $1 RETURNING id",
    [GROUP_COUNT_DEVICES] =
        "SELECT count(*) FROM device_group_member WHERE group_id = $1",
    [GROUP_COUNT_USERS] = "SELECT count(*) FROM person_group WHERE group_id = $1",
    [GROUP_COUNT_TOKENS] = "SELECT count(*) FROM token_group WHERE group_id = $1",
    [GROUP_LIST] = "SELECT " GROUP_COLUMNS ", (SELECT count(*) FROM device_group_member m"
                   " WHERE m.group_id = g.id) FROM device_group g ORDER BY g.name_folded",

    [LICENCE_ADD] = "INSERT INTO licence (uid, name, order_no, starts_at_s, ends_at_s,"
                    " seat_count) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
    [LICENCE_LIST] = "SELECT " LICENCE_COLUMNS " FROM licence ORDER BY name, id",
    [LICENCE_BY_UID] = "SELECT " LICENCE_COLUMNS " FROM licence WHERE uid = $1",
    [LICENCE_CHANGE] = "UPDATE licence SET name = $2, order_no = $3, starts_at_s = $4,"
                       " ends_at_s = $5, seat_count = $6, version = version + 1"
                       " WHERE id = $1 RETURNING version",
    [LICENCE_REMOVE] = "DELETE FROM licence WHERE id = $1 RETURNING id",

    [TOKEN_BY_ID] = "SELECT " TOKEN_WHOLE " WHERE t.id = $1",
    [TOKEN_ADD] = "INSERT INTO token (id, alg, person_id, permissions,"
                  " more_permissions, group_ids,"
                  " addresses, expires_on, expires_at_s, is_suspended, key_material,"
                  " created_at_s, changed_at_s, changed_by, version, title, description,"
                  " title_folded, is_proved, search_text, is_canary,"
                  " rate_count, rate_window_s, quota_per_day, concurrent_max, max_uses,"
                  " not_before_s, is_bearer)"
                  " VALUES ($1, $2, $3, substr($4, 1, 32), substr($4, 33), $5, $6, $7, "
                  "$8, $9, $10, $11, $12, $13, 1,"
                  " $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)",
    [TOKEN_GROUP_ADD] = "INSERT INTO token_group (group_id, token_id) VALUES ($1, $2)",
    [TOKEN_CHANGE] = "UPDATE token SET title = $3, description = $4, expires_on = $5,"
                     " due_at_s = CASE WHEN expires_on <> $5 OR expires_at_s <> $6"
                     " THEN 0 ELSE due_at_s END,"
                     " expires_at_s = $6, is_suspended = $7, addresses = $8,"
                     " changed_at_s = $9, changed_by = $10, title_folded = $11,"
                     " search_text = $12, replaced_by = $13, replaced_at_s = $14,"
                     " overlap_ends_at_s = $15, rate_count = $16, rate_window_s = $17,"
                     " quota_per_day = $18, concurrent_max = $19, max_uses = $20,"
                     " not_before_s = $21, suspended_by = $22, suspended_at_s = $23,"
                     " version = version + 1"
                     " WHERE id = $1 AND version = $2 RETURNING version",
    [TOKEN_REMOVE] = "DELETE FROM token WHERE id = $1 RETURNING id",
    [TOKEN_LIST] = "SELECT " TOKEN_WHOLE " WHERE (t.expires_at_s, t.id) > ($1, $2)"
                   " ORDER BY t.expires_at_s, t.id LIMIT $3",
    [TOKEN_LIST_OF_USER] = "SELECT " TOKEN_WHOLE " WHERE t.person_id = $4"
                           " AND (t.expires_at_s, t.id) > ($1, $2)"
                           " ORDER BY t.expires_at_s, t.id LIMIT $3",
    [TOKEN_LOAD_ALL] = "SELECT " TOKEN_COLUMNS ", t.title FROM token t",
    [TOKEN_ADD_USE] =
        "INSERT INTO token_use (token_id, last_used_at_s, last_used_from, use_count)"
        " SELECT id, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS BIGINT)"
        " FROM token WHERE id = $1"
        " ON CONFLICT (token_id) DO UPDATE SET"
        " use_count = token_use.use_count + excluded.use_count,"
        " last_used_from = CASE WHEN excluded.last_used_at_s >= "
        "token_use.last_used_at_s"
        " THEN excluded.last_used_from ELSE token_use.last_used_from END,"
        " last_used_at_s = CASE WHEN excluded.last_used_at_s >= "
        "token_use.last_used_at_s"
        " THEN excluded.last_used_at_s ELSE token_use.last_used_at_s END",
    [TOKEN_USED_ADD] =
        "INSERT INTO token_used (token_id, kind, item, day)"
        " SELECT id, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS BIGINT)"
        " FROM token WHERE id = $1"
        " ON CONFLICT (token_id, kind, item) DO UPDATE SET day = excluded.day"
        " WHERE excluded.day > token_used.day",
    [TOKEN_USED_LIST] = "SELECT kind, item, day FROM token_used WHERE token_id = $1",
    [TOKEN_USED_BY] = "SELECT t.id, t.title, p.email, max(u.day)" TOKENS_THAT_USED
                      " GROUP BY t.id, t.title, p.email"
                      " ORDER BY max(u.day) DESC, t.title, t.id LIMIT $4",
    [TOKEN_USED_BY_COUNT] = "SELECT count(DISTINCT t.id)" TOKENS_THAT_USED,
    [GROUPS_OF_DEVICE] = "SELECT m.group_id FROM device d JOIN device_group_member m"
                         " ON m.device_id = d.id WHERE d.device_uid = $1"
                         " ORDER BY m.group_id",
    [TOKEN_USE_DAY_ADD] =
        "INSERT INTO token_use_day (token_id, day, outcome, count)"
        " SELECT id, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS BIGINT)"
        " FROM token WHERE id = $1"
        " ON CONFLICT (token_id, day, outcome) DO UPDATE SET"
        " count = token_use_day.count + excluded.count",
    [TOKEN_USE_DAY_LIST] = "SELECT day, outcome, count FROM token_use_day"
                           " WHERE token_id = $1 AND day >= $2 AND day <= $3"
                           " ORDER BY day, outcome",
    [TOKEN_USE_DAY_PRUNE] = "DELETE FROM token_use_day WHERE (token_id, day, outcome) IN"
                            " (SELECT token_id, day, outcome FROM token_use_day"
                            " WHERE day < $1 LIMIT $2)",
    [TOKEN_SUMS] =
        "SELECT t.id, coalesce((SELECT sum(d.count) FROM token_use_day d"
        " WHERE d.token_id = t.id AND d.day >= $2 AND d.outcome = 'permitted'), 0),"
        " coalesce((SELECT sum(d.count) FROM token_use_day d"
        " WHERE d.token_id = t.id AND d.day >= $2 AND d.outcome <> 'permitted'), 0)"
        " FROM token t WHERE t.person_id = $1"
        " ORDER BY 2 DESC, 3 DESC, t.expires_at_s DESC, t.id LIMIT $3",
    [TOKEN_SUM_ALL] =
        "SELECT count(*), coalesce(sum(CASE WHEN t.is_suspended = 0"
        " AND t.expires_at_s > $3 THEN 1 ELSE 0 END), 0),"
        " coalesce(max(u.last_used_at_s), 0),"
        " (SELECT coalesce(sum(CASE d.outcome WHEN 'permitted' THEN d.count ELSE 0 END),"
        " 0) FROM token o JOIN token_use_day d ON d.token_id = o.id"
        " WHERE o.person_id = $1 AND d.day >= $2),"
        " (SELECT coalesce(sum(CASE d.outcome WHEN 'permitted' THEN 0 ELSE d.count END),"
        " 0) FROM token o JOIN token_use_day d ON d.token_id = o.id"
        " WHERE o.person_id = $1 AND d.day >= $2)"
        " FROM token t LEFT JOIN token_use u ON u.token_id = t.id"
        " WHERE t.person_id = $1",
    [ALLOWANCE_GET] = "SELECT uses_reserved, day, day_reserved FROM token_allowance"
                      " WHERE token_id = $1",
    [ALLOWANCE_SET] =
        "INSERT INTO token_allowance (token_id, uses_reserved, day, day_reserved)"
        " SELECT id, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT)"
        " FROM token WHERE id = $1 ON CONFLICT (token_id) DO UPDATE SET"
        " uses_reserved = excluded.uses_reserved, day = excluded.day,"
        " day_reserved = excluded.day_reserved",
    [REFUSAL_ASK] = "INSERT INTO refusal_question (request_id, asked_at_ms, state)"
                    " VALUES ($1, $2, $3) ON CONFLICT (request_id) DO UPDATE SET"
                    " asked_at_ms = excluded.asked_at_ms, state = excluded.state",
    [REFUSAL_ASKED] = "SELECT request_id FROM refusal_question WHERE state = 1 LIMIT 1",
    [REFUSAL_ANSWER] = "UPDATE refusal_question SET state = $2, at_ms = $3, verdict = $4,"
                       " token_id = $5, method = $6, uri = $7, query = $8, body = $9,"
                       " issued_at_ms = $10, address = $11, words = $12"
                       " WHERE request_id = $1",
    [REFUSAL_ANSWERED] = "SELECT state, at_ms, verdict, token_id, method, uri, query,"
                         " body, issued_at_ms, address, words FROM refusal_question"
                         " WHERE request_id = $1",
    [REFUSAL_FORGET] = "DELETE FROM refusal_question WHERE request_id = $1",
    [REFUSAL_FORGET_OLD] = "DELETE FROM refusal_question WHERE asked_at_ms < $1",
    [SHADOW_OF] = "SELECT " SHADOW_COLUMNS " FROM token_shadow WHERE token_id = $1",
    [SHADOW_RUNNING] = "SELECT " SHADOW_COLUMNS " FROM token_shadow WHERE over_at_s = 0",
    [SHADOW_DUE] = "SELECT " SHADOW_COLUMNS " FROM token_shadow WHERE over_at_s = 0"
                   " AND ends_at_s <= $1 ORDER BY ends_at_s LIMIT 1",
    [SHADOW_REMOVE] = "DELETE FROM token_shadow WHERE token_id = $1",
    [SHADOW_ADD] =
        "INSERT INTO token_shadow (token_id, permissions, group_ids, addresses,"
        " started_by, started_at_s, ends_at_s)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
    [SHADOW_OVER] = "UPDATE token_shadow SET over_at_s = $2, is_stopped = $3"
                    " WHERE id = $1 AND over_at_s = 0 RETURNING id",
    [SHADOW_COUNT] = "UPDATE token_shadow SET call_count = call_count + $2,"
                     " failed_count = failed_count + $3, less_count = less_count + $4,"
                     " unlisted_count = unlisted_count + $5 WHERE id = $1",
    /* A new reason only while there are fewer than $9. */
    [SHADOW_MISS_ADD] =
        "INSERT INTO token_shadow_miss (shadow_id, kind, method, path, item, count,"
        " first_at_s, last_at_s) SELECT s.id, CAST($2 AS BIGINT), CAST($3 AS TEXT),"
        " CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS BIGINT), CAST($7 AS BIGINT),"
        " CAST($8 AS BIGINT) FROM token_shadow s WHERE s.id = $1 AND ((SELECT count(*)"
        " FROM token_shadow_miss m WHERE m.shadow_id = s.id) < $9 OR EXISTS (SELECT 1"
        " FROM token_shadow_miss m WHERE m.shadow_id = s.id AND m.kind = $2"
        " AND m.method = $3 AND m.path = $4 AND m.item = $5))"
        " ON CONFLICT (shadow_id, kind, method, path, item) DO UPDATE SET"
        " count = token_shadow_miss.count + excluded.count,"
        " first_at_s = CASE WHEN excluded.first_at_s < token_shadow_miss.first_at_s"
        " THEN excluded.first_at_s ELSE token_shadow_miss.first_at_s END,"
        " last_at_s = CASE WHEN excluded.last_at_s > token_shadow_miss.last_at_s"
        " THEN excluded.last_at_s ELSE token_shadow_miss.last_at_s END RETURNING count",
    [SHADOW_MISSES] = "SELECT kind, method, path, item, count, first_at_s, last_at_s"
                      " FROM token_shadow_miss WHERE shadow_id = $1"
                      " ORDER BY count DESC, path, method, kind, item",
    [TOKEN_COUNT] = "SELECT count(*) FROM token",
    [TOKEN_DUE] = "SELECT t.id, t.title, t.expires_on, p.email, p.name, t.person_id,"
                  " p.is_suspended, t.expires_at_s, t.replaced_by, coalesce((SELECT"
                  " s.title FROM token s WHERE s.id = t.replaced_by), '')"
                  " FROM token t JOIN person p ON p.id = t.person_id"
                  " WHERE t.due_at_s <= $1 ORDER BY t.due_at_s, t.id LIMIT $2",
    [TOKEN_DUE_SET] = "UPDATE token SET due_at_s = $2 WHERE id = $1",

    [NOTICE_ADD] = "INSERT INTO notice (token_id, kind, expires_on, at_ms)"
                   " VALUES ($1, $2, $3, $4)"
                   " ON CONFLICT (token_id, kind, expires_on) DO NOTHING RETURNING kind",
    [UNUSED_USER] = "SELECT o.id FROM person o WHERE o.is_suspended = 0 AND NOT EXISTS"
                    " (SELECT 1 FROM unused_notice n WHERE n.person_id = o.id"
                    " AND n.month = $1) AND EXISTS (SELECT 1" UNUSED_TOKENS
                    " AND t.person_id = o.id) AND o.id > $4"
                    " ORDER BY o.id LIMIT 1",
    [UNUSED_TOLD] = "INSERT INTO unused_notice (person_id, month, at_ms)"
                    " VALUES ($1, $2, $3) ON CONFLICT (person_id, month) DO NOTHING"
                    " RETURNING person_id",
    [UNUSED_LIST] = "SELECT t.id, t.title, t.expires_on, p.email, p.name, t.created_at_s,"
                    " coalesce(u.last_used_at_s, 0)" UNUSED_TOKENS
                    " AND t.person_id = $1 AND t.id > $4 ORDER BY t.id LIMIT $5",
    [USER_ADMINS] = "SELECT p.email, p.name FROM person p JOIN role r ON r.id = p.role_id"
                    " WHERE r.is_system_admin = 1 AND p.is_suspended = 0 ORDER BY p.id",

    [CALENDAR_SET] = "INSERT INTO calendar (person_id, secret_hash, made_at_s)"
                     " VALUES ($1, $2, $3) ON CONFLICT (person_id) DO UPDATE SET"
                     " secret_hash = excluded.secret_hash,"
                     " made_at_s = excluded.made_at_s",
    [CALENDAR_REMOVE] = "DELETE FROM calendar WHERE person_id = $1 RETURNING person_id",
    [CALENDAR_MADE] = "SELECT made_at_s FROM calendar WHERE person_id = $1",
    [CALENDAR_USER] = "SELECT person_id FROM calendar WHERE secret_hash = $1",

    [WEBHOOK_ADD] = "INSERT INTO webhook_notice (kind, token_id, title, user_email,"
                    " user_name, expires_on, is_late, at_ms, note)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    [WEBHOOK_LIST] = "SELECT token_id, title, user_email, user_name, expires_on, is_late,"
                     " id, kind, at_ms, note FROM webhook_notice ORDER BY id LIMIT $1",
    [WEBHOOK_DROP] = "DELETE FROM webhook_notice WHERE id <= $1",
    [WEBHOOK_DROP_OLD] = "DELETE FROM webhook_notice WHERE at_ms < $1",

    [LETTER_OPEN] = "SELECT id, line_count FROM letter"
                    " WHERE email = $1 AND kind = $2 AND is_open = 1",
    [LETTER_LAST] = "SELECT coalesce(max(made_at_ms), 0) FROM letter"
                    " WHERE email = $1 AND kind = $2",
    [LETTER_ADD] = "INSERT INTO letter (uid, kind, email, name, state, is_open,"
                   " line_count, made_at_ms, next_at_ms, give_up_at_ms)"
                   " VALUES ($1, $2, $3, $4, 1, 1, 0, $5, $6, $7) RETURNING id",
    [LETTER_GROW] = "UPDATE letter SET line_count = line_count + $2 WHERE id = $1",
    [LETTER_LINE_ADD] = "INSERT INTO letter_line (letter_id, place, token_id, title,"
                        " user_email, user_name, expires_on, is_late, note)"
                        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    [LETTER_NEXT] =
        "SELECT id FROM letter WHERE state = 1"
        " AND (next_at_ms <= $1 OR next_at_ms > $5) AND (kind NOT IN ($2, $6) OR "
        "is_open = 0 OR next_at_ms <= $3 OR NOT EXISTS"
        " (SELECT 1 FROM token WHERE due_at_s <= $4))"
        " ORDER BY next_at_ms, id LIMIT 1",
    [LETTER_TAKE] = "UPDATE letter SET state = 2, is_open = 0, taken_at_ms = $2,"
                    " try_count = try_count + 1 WHERE id = $1 AND state = 1 RETURNING id",
    [LETTER_IS_SENT] = "UPDATE letter SET state = 3, done_at_ms = $2, last_failure = ''"
                       " WHERE id = $1 AND state = 2",
    [LETTER_BACK] =
        "UPDATE letter SET state = CASE WHEN $2 >= give_up_at_ms THEN 4 ELSE 1 END,"
        " done_at_ms = CASE WHEN $2 >= give_up_at_ms THEN $2 ELSE 0 END,"
        " is_open = CASE WHEN $4 = 1 AND $2 < give_up_at_ms AND NOT EXISTS"
        " (SELECT 1 FROM letter o WHERE o.email = letter.email AND o.kind = "
        "letter.kind"
        " AND o.is_open = 1) THEN 1 ELSE 0 END,"
        " next_at_ms = CASE WHEN $3 > give_up_at_ms THEN give_up_at_ms ELSE $3 END,"
        " last_failure = $5 WHERE id = $1 AND state = 2",
    [LETTER_FAIL_OLD] = "UPDATE letter SET state = 4, is_open = 0, done_at_ms = $1,"
                        " last_failure = $2 WHERE state = 1 AND give_up_at_ms < $1",
    [LETTER_HOLD] = "UPDATE letter SET next_at_ms = $1"
                    " WHERE state = 1 AND next_at_ms < $1",
    [LETTER_RELEASE] = "UPDATE letter SET state = 1 WHERE state = 2 AND taken_at_ms < $1",
    [LETTER_AGAIN] = "UPDATE letter SET state = 1, is_open = 0, next_at_ms = $2,"
                     " give_up_at_ms = $3, done_at_ms = 0 WHERE id = $1 AND state <> 2",
    [LETTER_BY_ID] = "SELECT " LETTER_COLUMNS " FROM letter WHERE id = $1",
    [LETTER_LINES] = "SELECT token_id, title, user_email, user_name, expires_on, is_late,"
                     " note FROM letter_line WHERE letter_id = $1 ORDER BY place",
    [LETTER_LIST] = "SELECT " LETTER_COLUMNS " FROM letter WHERE id < $1"
                    " AND ($2 = 0 OR state = $2) ORDER BY id DESC LIMIT $3",
    [LETTER_COUNT] = "SELECT (SELECT count(*) FROM letter WHERE state IN (1, 2)),"
                     " (SELECT count(*) FROM letter WHERE state = 4),"
                     " (SELECT coalesce(min(made_at_ms), 0) FROM letter"
                     " WHERE state IN (1, 2))",
    [LETTER_PRUNE] = "DELETE FROM letter WHERE id IN (SELECT id FROM letter"
                     " WHERE state IN (3, 4) AND done_at_ms < $1 ORDER BY id LIMIT $2)",

    [PERMISSION_LIST] = "SELECT number, feature, action FROM permission ORDER BY number",
    [PERMISSION_ADD] = "INSERT INTO permission (number, feature, action, name_folded,"
                       " added_at_s) VALUES ((SELECT coalesce(max(number), 255) + 1"
                       " FROM permission), $1, $2, $3, $4) RETURNING number",

    [PERMISSION_USED] = "SELECT DISTINCT number FROM upstream_permission",
    [UPSTREAM_PERMISSIONS_CLEAR] =
        "DELETE FROM upstream_permission WHERE upstream_id = $1",
    [UPSTREAM_PERMISSION_ADD] =
        "INSERT INTO upstream_permission (upstream_id, number) VALUES ($1, $2)",
    [UPSTREAM_HAS_PERMISSIONS] = "UPDATE upstream SET has_permissions = 1 WHERE id = $1",
    [UPSTREAM_COUNT_UNKNOWN] = "SELECT count(*) FROM upstream WHERE has_permissions = 0",

    [UPSTREAM_BY_UID] = "SELECT " UPSTREAM_COLUMNS " FROM upstream WHERE uid = $1",
    [UPSTREAM_BY_NAME] =
        "SELECT " UPSTREAM_COLUMNS " FROM upstream WHERE name_folded = $1",
    [UPSTREAM_LIST] = "SELECT " UPSTREAM_COLUMNS " FROM upstream ORDER BY name_folded",
    [UPSTREAM_ADD] = "INSERT INTO upstream (uid, name, name_folded, prefix, is_tls,"
                     " addresses, base_path, tls_ca_file, tls_certificate_file,"
                     " tls_key_file, tls_server_name, connect_timeout_ms,"
                     " first_byte_timeout_ms, whole_timeout_ms, is_suspended,"
                     " created_at_s, changed_at_s, health_path, health_status,"
                     " health_interval_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                     " $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
                     " RETURNING id",
    [UPSTREAM_CHANGE] =
        "UPDATE upstream SET uid = $1, name = $2, name_folded = $3, prefix = $4,"
        " is_tls = $5, addresses = $6, base_path = $7, tls_ca_file = $8,"
        " tls_certificate_file = $9, tls_key_file = $10, tls_server_name = $11,"
        " connect_timeout_ms = $12, first_byte_timeout_ms = $13,"
        " whole_timeout_ms = $14, is_suspended = $15, created_at_s = $16,"
        " changed_at_s = $17, health_path = $18, health_status = $19,"
        " health_interval_s = $20, version = version + 1 WHERE id = $21 AND"
        " version = $22"
        " RETURNING version",
    [UPSTREAM_REMOVE] = "DELETE FROM upstream WHERE id = $1 RETURNING id",
    [UPSTREAM_DESCRIPTION] = "SELECT document, overlay FROM upstream_description"
                             " WHERE upstream_id = $1",
    [UPSTREAM_DESCRIPTION_SET] =
        "INSERT INTO upstream_description (upstream_id, document, overlay)"
        " VALUES ($1, $2, $3) ON CONFLICT (upstream_id) DO UPDATE SET"
        " document = excluded.document, overlay = excluded.overlay",

    [OUTPUT_ADD] = "INSERT INTO event_output (uid, name, name_folded, kind, format, url,"
                   " is_paused, cursor_id, created_at_s, changed_at_s)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
    [OUTPUT_LIST] = "SELECT " OUTPUT_COLUMNS " FROM event_output ORDER BY name_folded",
    [OUTPUT_BY_NAME] =
        "SELECT " OUTPUT_COLUMNS " FROM event_output WHERE name_folded = $1",
    [OUTPUT_BY_UID] = "SELECT " OUTPUT_COLUMNS " FROM event_output WHERE uid = $1",
    [OUTPUT_CHANGE] = "UPDATE event_output SET name = $2, name_folded = $3, kind = $4,"
                      " format = $5, url = $6, is_paused = $7, changed_at_s = $8,"
                      " version = version + 1 WHERE id = $1 RETURNING version",
    [OUTPUT_TLS_GET] =
        "SELECT ca_pem, cert_pem, sealed_key FROM event_output WHERE id = $1",
    [OUTPUT_TLS_SET] = "UPDATE event_output SET ca_pem = $2, cert_pem = $3,"
                       " sealed_key = $4 WHERE id = $1",
    [OUTPUT_REMOVE] = "DELETE FROM event_output WHERE id = $1 RETURNING id",
    [OUTPUT_ADVANCE] = "UPDATE event_output SET cursor_id = $3, taken_at_ms = $4,"
                       " failing_since_ms = 0, last_failure = ''"
                       " WHERE id = $1 AND cursor_id = $2 RETURNING id",
    [OUTPUT_FAILED] = "UPDATE event_output SET last_failure = $3, failing_since_ms ="
                      " CASE WHEN failing_since_ms = 0 THEN $2 ELSE failing_since_ms END"
                      " WHERE id = $1",
    [OUTPUT_TEST_ASK] = "UPDATE event_output SET test_asked_ms = $2 WHERE id = $1",
    [OUTPUT_TEST_DONE] = "UPDATE event_output SET test_done_ms = $2, test_failure = $3"
                         " WHERE id = $1",
    [OUTPUT_SKIP] = "UPDATE event_output SET cursor_id = $2 WHERE id = $1",
    [OUTPUT_LEAST] = "SELECT coalesce(min(cursor_id), -1) FROM event_output",

    [EVENT_ADD] = "INSERT INTO event (" EVENT_COLUMNS ") VALUES"
                  " ((SELECT coalesce(max(id), 0) + 1 FROM event), $1, $2, $3, $4, $5,"
                  " $6, $7, $8, $9, $10, $11) RETURNING id",
    [EVENT_BY_ID] = "SELECT " EVENT_COLUMNS " FROM event WHERE id = $1",
    /* Each end by itself, from the index: one question for both would walk them all.
     */
    [EVENT_ENDS] = "SELECT coalesce((SELECT min(id) FROM event), 1),"
                   " coalesce((SELECT max(id) FROM event), 0)",
    [EVENT_LIST_ALL] = "SELECT " EVENT_COLUMNS " FROM event WHERE id < $1 AND at_ms >= $2"
                       " AND at_ms < $3 AND kind BETWEEN $4 AND $5"
                       " ORDER BY id DESC LIMIT $6",
    [EVENT_LIST_OF_OBJECT] = "SELECT " EVENT_COLUMNS " FROM event WHERE object_id = $7"
                             " AND id < $1 AND at_ms >= $2 AND at_ms < $3"
                             " AND kind BETWEEN $4 AND $5 ORDER BY id DESC LIMIT $6",
    /* The ends of the history, and of its first $2 the oldest that is not older than
     * $1.
     */
    [EVENT_OLD] = "SELECT coalesce((SELECT min(id) FROM event), 0),"
                  " coalesce((SELECT max(id) FROM event), 0), coalesce("
                  "(SELECT min(id) FROM (SELECT id, at_ms FROM event ORDER BY id"
                  " LIMIT $2) e WHERE at_ms >= $1), 0)",
    [EVENT_REMOVE] = "DELETE FROM event WHERE id <= $1",
    [EVENT_WALK] = "SELECT " EVENT_COLUMNS " FROM event WHERE id >= $1 ORDER BY id",
    /* By the index of times: without ORDER BY id only the span is walked. */
    [EVENT_FIRST_SINCE] = "SELECT coalesce(min(id), 0) FROM event WHERE at_ms >= $1",
    [EVENT_SPAN] = "SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM event"
                   " WHERE at_ms >= $1 AND at_ms < $2",
    [EVENT_SPAN_SHORT] = "SELECT coalesce(min(id), 0), coalesce(max(id), -1), count(*)"
                         " FROM (SELECT id FROM event WHERE at_ms >= $1 AND at_ms < $2"
                         " LIMIT $3) span",
    /* Leaves lie in event_leaf, or else all in tiles. */
    [EVENT_TREE_SIZE] =
        "SELECT coalesce((SELECT max(id) FROM event_leaf),"
        " (SELECT (max(place) + 1) * 256 FROM event_tile WHERE level = 0),"
        " 0)",
    [EVENT_LEAF_ADD] = "INSERT INTO event_leaf (id, hash) VALUES ($1, $2)",
    [EVENT_LEAF_LIST] = "SELECT id, hash FROM event_leaf WHERE id >= $1 ORDER BY id",
    [EVENT_LEAF_DROP] = "DELETE FROM event_leaf WHERE id <= $1",
    [EVENT_TILE_ADD] = "INSERT INTO event_tile (level, place, hashes, root)"
                       " VALUES ($1, $2, $3, $4)",
    [EVENT_TILE] = "SELECT hashes FROM event_tile WHERE level = $1 AND place = $2",
    [EVENT_TILE_ROOTS] = "SELECT place, root FROM event_tile WHERE level = $1"
                         " AND place >= $2 ORDER BY place LIMIT $3",
    [EVENT_HEAD_ADD] = "INSERT INTO event_head (size, at_ms, root, signature)"
                       " VALUES ($1, $2, $3, $4) ON CONFLICT (size, at_ms) DO NOTHING",
    [EVENT_HEAD_NEWEST] = "SELECT size, at_ms, root, signature FROM event_head"
                          " ORDER BY size DESC, at_ms DESC LIMIT 1",
    [EVENT_HEAD_LIST] = "SELECT size, at_ms, root, signature FROM event_head"
                        " WHERE size >= $1 ORDER BY size, at_ms",
};
