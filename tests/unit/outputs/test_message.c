/* SPDX-License-Identifier: Apache-2.0
 *
 * Events as syslog messages, byte for byte; and where events may go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/mem.h"
#include "outputs/message.h"

#include <stdio.h>
#include <stdlib.h>

static const struct message_sender SENDER = {"host.example.com", "acc"};

static struct event
some_event(void)
{
    return (struct event){
        .id = 17,
        .at_ms = 1795643502123,
        .kind = EVENT_GROUP_UPDATED,
        .actor_kind = ACTOR_USER,
        .actor_id = "u1",
        .actor_name = "ada@example.com",
        .address = "203.0.113.7",
        .object_kind = "group",
        .object_id = "g1",
        .object_name = "a\"b]c\\d|e=f\n",
        .request_id = "r1",
        .details = SLICE("{\"action\":\"created\"}"),
    };
}

static char *
written(enum output_format format, const struct event *event)
{
    struct buffer out AUTO(buffer_done) = buffer_make(1 << 20);

    message_write(&SENDER, format, event, &out);
    assert_false(out.is_short);
    return mem_text(out.at, out.len);
}

/* The text without its hash, which has tests of its own. */
static void
test_a_message_is_as_rfc_5424_says(void **state)
{
    static const char WANTED[] =
        "<109>1 2026-11-25T21:51:42.123Z host.example.com tokenhouse - "
        "Device-group-updated [tokenhouse@32473 eventId=\"17\" account=\"acc\" "
        "action=\"created\" actorKind=\"user\" actorId=\"u1\" "
        "actorName=\"ada@example.com\" address=\"203.0.113.7\" objectKind=\"group\" "
        "objectId=\"g1\" objectName=\"a\\\"b\\]c\\\\d|e=f \" requestId=\"r1\"] "
        "{\"id\":17,\"at\":\"2026-11-25T21:51:42.123Z\",\"kind\":\"Device group "
        "updated\",";
    struct event event = some_event();
    char *text AUTO(mem_done) = written(OUTPUT_RFC5424, &event);
    char *space = strchr(text, ' ');

    (void)state;
    assert_non_null(space);
    assert_int_equal(strtol(text, NULL, 10), (long)strlen(space + 1));
    assert_memory_equal(space + 1, WANTED, sizeof(WANTED) - 1);
}

static void
test_cef_escapes_what_would_be_a_field(void **state)
{
    static const char WANTED[] =
        "- CEF:0|Tokenhouse|Tokenhouse|" TOKENHOUSE_VERSION
        "|Device-group-updated|Device group updated|3|rt=1795643502123 externalId=17 "
        "act=created suid=u1 suser=ada@example.com src=203.0.113.7 "
        "cs1Label=objectKind cs1=group cs2Label=objectId cs2=g1 cs3Label=objectName "
        "cs3=a\"b]c\\\\d|e\\=f\\n cs4Label=requestId cs4=r1 cs5Label=actorKind cs5=user "
        "cs6Label=details cs6={\"action\":\"created\"}";
    struct event event = some_event();
    char *text AUTO(mem_done) = written(OUTPUT_CEF, &event);
    const char *body = strstr(text, "- CEF:");

    (void)state;
    assert_string_equal(body, WANTED);
    snprintf(event.address, sizeof(event.address), "2001:db8::1");
    char *other AUTO(mem_done) = written(OUTPUT_CEF, &event);
    assert_null(strstr(other, " src="));
    assert_non_null(strstr(other, " c6a2Label=Source IPv6 Address c6a2=2001:db8::1 "));
}

/* Nothing that an event holds makes a message of two, or one that receivers cut. */
static void
test_a_message_stays_whole_whatever_is_in_it(void **state)
{
    struct event event = some_event();
    char *details AUTO(mem_done) = mem_new(100 * 1024);
    struct buffer long_details AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    memset(details, 'x', 100 * 1024 - 1);
    buffer_print(&long_details, "{\"action\":\"edited\",\"after\":\"%s\"}", details);
    event.details = buffer_slice(&long_details);
    for (int format = OUTPUT_RFC5424; format <= OUTPUT_CEF; format++) {
        char *text AUTO(mem_done) = written((enum output_format)format, &event);
        char *space = strchr(text, ' ');
        assert_true(strlen(space + 1) <= MESSAGE_MAX_BYTES);
        assert_int_equal(strtol(text, NULL, 10), (long)strlen(space + 1));
        assert_null(strchr(text, '\n'));
        assert_null(strstr(text, "xxxxxxxx"));
        assert_non_null(strstr(text, format == OUTPUT_CEF ? "detailsLeftOut"
                                                          : "\"detailsLeftOutBytes\":"));
    }
}

/* RFC 5424 §6.2.7: 1 to 32 printable characters. */
static void
test_every_kind_of_event_has_a_name_and_a_severity_of_syslog(void **state)
{
    static const enum event_kind KINDS[] = {
#define X(name, code, text, severity) EVENT_##name,
        EVENT_LIST(X)
#undef X
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
        char id[MESSAGE_ID_MAX_CHARS + 1];
        message_id_write(KINDS[i], id);
        assert_int_equal(strlen(id), strlen(event_name(KINDS[i])));
        for (const char *at = id; *at; at++)
            assert_true(*at > ' ' && *at < 0x7f);
        assert_in_range(event_severity(KINDS[i]), SEVERITY_CRITICAL, SEVERITY_INFO);
    }
}

static void
test_places_are_read_and_what_is_none_is_refused(void **state)
{
    static const struct {
        const char *url, *host, *origin;
        int port;
        enum output_kind kind;
    } GOOD[] = {
        {"tcp://siem", "siem", "tcp://siem:514", 514, OUTPUT_TCP},
        {"tls://siem.example.com", "siem.example.com", "tls://siem.example.com:6514",
         6514, OUTPUT_TLS},
        {"tls://[2001:db8::1]:7000", "2001:db8::1", "tls://[2001:db8::1]:7000", 7000,
         OUTPUT_TLS},
        {"https://h/p?q=1", "h", "https://h:443", 443, OUTPUT_WEBHOOK},
        {"http://127.0.0.1:8080", "127.0.0.1", "http://127.0.0.1:8080", 8080,
         OUTPUT_WEBHOOK},
        {"https://h?x=a@b", "h", "https://h:443", 443, OUTPUT_WEBHOOK},
    };
    static const char *const BAD[] = {
        "",           "siem",          "udp://h",      "tcp://",         "tcp://h:",
        "tcp://h:0",  "tcp://h:65536", "tcp://h:-1",   "tcp://h:1x",     "tcp://h/",
        "tls://[::1", "tls://[::1]x",  "tls://::1",    "https://u:p@h/", "tcp://h h",
        "tcp://h\n",  "tcp://é",       "https://:443", "TCP://h",
    };
    struct output_place place;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
        assert_int_equal(output_place_read(slice_of(GOOD[i].url), &place, NULL),
                         STATUS_OK);
        assert_string_equal(place.host, GOOD[i].host);
        assert_string_equal(place.origin, GOOD[i].origin);
        assert_int_equal(place.port, GOOD[i].port);
        assert_int_equal(place.kind, GOOD[i].kind);
    }
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_int_equal(output_place_read(slice_of(BAD[i]), &place, NULL),
                         STATUS_MALFORMED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_is_as_rfc_5424_says),
        cmocka_unit_test(test_cef_escapes_what_would_be_a_field),
        cmocka_unit_test(test_a_message_stays_whole_whatever_is_in_it),
        cmocka_unit_test(test_every_kind_of_event_has_a_name_and_a_severity_of_syslog),
        cmocka_unit_test(test_places_are_read_and_what_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
