/* SPDX-License-Identifier: Apache-2.0
 *
 * The limits of a token that somebody asks for. */
#ifndef RULES_TOKEN_LIMITS_H
#define RULES_TOKEN_LIMITS_H

#include "rules/act.h"

/* May `token`, whose limits were `before`, have those that it has now?
 * STATUS_MALFORMED: a number out of its bounds, a first day that is after the last; the
 * failure names "quotaPerDay", "concurrent", "maxUses", "notBefore". STATUS_REFUSED: a
 * rate of its own, which takes the place of the server's, is given by System
 * Administrators only ("rate"). */
MUST_CHECK enum status token_limits_check(const struct act *act,
                                          const struct token *token,
                                          const struct token_limits *before);

#endif
