/* SPDX-License-Identifier: Apache-2.0
 *
 * Every limit of the house on one page. Each has a unit in its name and a reason beside
 * it. What an operator may want to change is a setting (config/settings.c) whose usual
 * value is named here. Sums that must hold are checked when we compile. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
    /* the door */
    HTTP_HEAD_MAX_BYTES = 16 * 1024,   /* as common proxies */
    HTTP_HEADER_MAX_COUNT = 100,       /* as common servers; clients send about ten */
    HTTP_BODY_MAX_BYTES = 1024 * 1024, /* = a JWS */
    DESCRIPTION_BODY_MAX_BYTES = 32 * 1024 * 1024, /* of who is logged in; GitHub's: 15 */
    HTTP_HEAD_TIMEOUT_MS = 10 * 1000,  /* a head fits in one packet; slow ones attack */
    HTTP_BODY_TIMEOUT_MS = 10 * 1000,  /* 1 MiB in 10 s is 0.8 Mbit/s */
    HTTP_IDLE_TIMEOUT_MS = 30 * 1000,  /* between two requests */
    CONNECTION_MAX_COUNT = 10 * 1000,  /* 10 KB each when busy: 100 MB */
    CONNECTION_PER_IP_MAX_COUNT = 300, /* one caller cannot take all */
    H2_STREAM_MAX_COUNT = 100,         /* RFC 9113 §6.5.2 asks for at least 100 */
    H2_RESET_MAX_COUNT = 200,          /* CVE-2025-8671: resets that we send ourselves */
    UPSTREAM_CONNECTION_MAX_COUNT = 4096, /* to one; a slow answer holds one each */
    UPSTREAM_IDLE_TIMEOUT_MS = 60 * 1000, /* between two pieces of a body */
    ROUND_MAX_REQUESTS = 32,              /* answered together: +24 % on ES256 */

    /* the message */
    JWS_MAX_BYTES = 1024 * 1024,
    JWS_HEADER_MAX_BYTES = 8 * 1024, /* a decoded header with a long query */
    JSON_DEPTH_MAX = 32,             /* device documents are 6 deep */
    TOKEN_ID_MAX_CHARS = 64,         /* a UUID is 36; a kid is opaque text */
    URI_MAX_BYTES = 2048,
    QUERY_MAX_BYTES = 8 * 1024,

    /* tokens */
    TITLE_MAX_CHARS = 120,
    DESCRIPTION_MAX_CHARS = 1000,
    TOKEN_ADDRESS_MAX_COUNT = 256, /* approved addresses of one token */
    TOKEN_GROUP_MAX_COUNT = 256,   /* device groups of one token or user */
    SECRET_KEY_BYTES = 64,
    SECRET_KEY_CHARS = 88,  /* the same in base64 */
    PUBLIC_KEY_BYTES = 64,  /* x ‖ y of a P-256 point */
    BEARER_HASH_BYTES = 32, /* SHA-256 */

    SIGNED_ANSWER_MAX_BYTES = 1024 * 1024, /* of an upstream's, to be signed as a whole */

    /* people */
    EMAIL_MAX_CHARS = 254, /* RFC 5321 §4.5.3.1.3 */
    NAME_MAX_CHARS = 120,
    ORDER_NO_MAX_CHARS = 40,
    FOLDER_MAX_CHARS = 240,  /* of device groups; a path of a few names */
    PASSWORD_MIN_CHARS = 12, /* NIST SP 800-63B asks for 8 at least */
    PASSWORD_MAX_BYTES = 256,

    /* devices */
    DEVICE_DOC_MAX_BYTES = 256 * 1024, /* one imported document */
};

_Static_assert(HTTP_BODY_MAX_BYTES >= JWS_MAX_BYTES, "a JWS must fit in a body");
_Static_assert(QUERY_MAX_BYTES <= JWS_HEADER_MAX_BYTES, "a query rides in the header");

#endif
