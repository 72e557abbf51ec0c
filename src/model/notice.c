/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of notices and of what becomes of letters. */
#include "model/notice.h"

const char *
notice_kind_name(enum notice_kind kind)
{
    switch (kind) {
    case NOTICE_CREATED:
        return "created";
    case NOTICE_SOON:
        return "soon";
    case NOTICE_EXPIRED:
        return "expired";
    case NOTICE_TEST:
        return "test";
    case NOTICE_UNUSED:
        return "unused";
    case NOTICE_REPLACED:
        return "replaced";
    case NOTICE_USED_LATE:
        return "usedLate";
    case NOTICE_CANARY:
        return "canary";
    case NOTICE_HEAD:
        return "head";
    }
    return "?";
}

const char *
letter_state_name(enum letter_state state)
{
    switch (state) {
    case LETTER_WAITING:
        return "waiting";
    case LETTER_TAKEN:
        return "being sent";
    case LETTER_SENT:
        return "sent";
    case LETTER_FAILED:
        return "failed";
    }
    return "?";
}
