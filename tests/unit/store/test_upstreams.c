/* SPDX-License-Identifier: Apache-2.0
 *
 * Upstreams and their descriptions come out of the store as they went in. */
#include "store/store_upstreams.h"

#include "support.h"

static struct upstream
usual_upstream(const char *name)
{
    struct upstream upstream = {
        .prefix = "/orders",
        .is_tls = true,
        .addresses = {{"orders.example.com", 443}, {"2001:db8::7", 8443}},
        .address_count = 2,
        .base_path = "/api/v2",
        .tls_ca_file = "/etc/ca.pem",
        .tls_certificate_file = "/etc/we.pem",
        .tls_key_file = "/etc/we.key",
        .tls_server_name = "inside.example.com",
        .connect_timeout_ms = 1,
        .first_byte_timeout_ms = 2,
        .whole_timeout_ms = 3,
        .health_path = "/healthz?deep=1",
        .health_status = 204,
        .health_interval_s = 7,
        .created_at_s = 4,
        .changed_at_s = 5,
        .version = 1,
    };

    snprintf(upstream.name, sizeof(upstream.name), "%s", name);
    uuid_make(upstream.uid);
    return upstream;
}

static void
add(struct store *store, struct upstream *upstream)
{
    assert_int_equal(store_begin(store), STATUS_OK);
    assert_int_equal(store_upstream_add(store, upstream, &upstream->id), STATUS_OK);
    assert_int_equal(store_commit(store), STATUS_OK);
}

static void
test_an_upstream_comes_back_as_it_was(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct upstream upstream = usual_upstream("Orders");
    struct upstream found;

    (void)state;
    add(place.store, &upstream);
    memset(&found, 0xff, sizeof(found));
    assert_int_equal(store_upstream_by_name(place.store, SLICE("oRDERS"), &found),
                     STATUS_OK);
    assert_memory_equal(&found, &upstream, sizeof(found));
    assert_int_equal(store_upstream_by_uid(place.store, slice_of(upstream.uid), &found),
                     STATUS_OK);
    assert_memory_equal(&found, &upstream, sizeof(found));
    assert_int_equal(store_upstream_by_name(place.store, SLICE("Order"), &found),
                     STATUS_NOT_FOUND);
}

static void
test_a_name_is_taken_once(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct upstream first = usual_upstream("Orders");
    struct upstream second = usual_upstream("ORDERS");

    (void)state;
    add(place.store, &first);
    assert_int_equal(store_begin(place.store), STATUS_OK);
    assert_int_equal(store_upstream_add(place.store, &second, &second.id),
                     STATUS_CONFLICT);
    store_undo(place.store);
}

/* Two who change the same one: the second has seen something older. */
static void
test_a_change_of_what_was_changed_meanwhile_is_refused(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct upstream upstream = usual_upstream("Orders");
    struct upstream found;

    (void)state;
    add(place.store, &upstream);
    upstream.is_suspended = true;
    assert_int_equal(store_begin(place.store), STATUS_OK);
    assert_int_equal(store_upstream_change(place.store, &upstream), STATUS_OK);
    assert_int_equal(store_upstream_change(place.store, &upstream), STATUS_NOT_FOUND);
    assert_int_equal(store_commit(place.store), STATUS_OK);
    assert_int_equal(store_upstream_by_uid(place.store, slice_of(upstream.uid), &found),
                     STATUS_OK);
    assert_int_equal(found.version, 2);
    assert_true(found.is_suspended);
}

static void
test_a_description_goes_with_its_upstream(void **state)
{
    static const unsigned char BYTES[] = {'{', 0, 0xff, '}'};
    struct place place AUTO(place_done) = place_make();
    struct arena arena AUTO(arena_done) = {0};
    struct upstream upstream = usual_upstream("Orders");
    struct slice document;
    struct slice overlay;

    (void)state;
    add(place.store, &upstream);
    assert_int_equal(store_begin(place.store), STATUS_OK);
    assert_int_equal(store_upstream_description_set(place.store, upstream.id,
                                                    (struct slice){BYTES, sizeof(BYTES)},
                                                    SLICE("o")),
                     STATUS_OK);
    assert_int_equal(store_commit(place.store), STATUS_OK);
    assert_int_equal(
        store_upstream_description(place.store, upstream.id, &arena, &document, &overlay),
        STATUS_OK);
    assert_true(slice_equal(document, (struct slice){BYTES, sizeof(BYTES)}));
    assert_true(slice_equal(overlay, SLICE("o")));

    assert_int_equal(store_begin(place.store), STATUS_OK);
    assert_int_equal(store_upstream_remove(place.store, upstream.id), STATUS_OK);
    assert_int_equal(store_upstream_remove(place.store, upstream.id), STATUS_NOT_FOUND);
    assert_int_equal(store_commit(place.store), STATUS_OK);
    assert_int_equal(
        store_upstream_description(place.store, upstream.id, &arena, &document, &overlay),
        STATUS_NOT_FOUND);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_upstream_comes_back_as_it_was),
        cmocka_unit_test(test_a_name_is_taken_once),
        cmocka_unit_test(test_a_change_of_what_was_changed_meanwhile_is_refused),
        cmocka_unit_test(test_a_description_goes_with_its_upstream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
