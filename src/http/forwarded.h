/* SPDX-License-Identifier: Apache-2.0
 *
 * Who asks, behind trusted proxies (X-Forwarded-For). Only what a trusted proxy wrote is
 * believed: the list is read from its right end, where our own proxies add. */
#ifndef HTTP_FORWARDED_H
#define HTTP_FORWARDED_H

#include "base/ip.h"
#include "http/call.h"

/* Is `address` in one of the ranges? */
bool forwarded_is_trusted(const struct ip_range *trusted, size_t trusted_count,
                          const struct ip *address);

/* `peer` is trusted. Gives the right-most address of all X-Forwarded-For lines that is
 * not trusted itself. The walk ends at an element that is no address: what stands left
 * of it was written by nobody we know; then, or when all are trusted, the last trusted
 * address counts. */
struct ip forwarded_for(const struct http_request *request, const struct ip *peer,
                        const struct ip_range *trusted, size_t trusted_count);

#endif
