/* SPDX-License-Identifier: Apache-2.0
 *
 * Thousands of generated sets of routes, each asked many paths, held against a matcher
 * that was written to be read: it looks at every template, tries every length for every
 * parameter, and then takes the template that is better at the first segment where two
 * differ. Better is whoever says more of the segment literally. */
#include "rules/route_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    SETS = 3000,
    OPERATIONS_A_SET = 30,
    PATHS_A_SET = 60,
    PIECES = 40,   /* characters and parameters of a segment */
    SEGMENTS = 12, /* of a path, as generated here */
    PATH_BYTES = 400,
    PARAMETER = -1, /* a piece: one byte or more of anything */
    END = -2,
};

/* ---- the naive matcher ---- */

/* A path or a template, cut at each '/'. */
struct cut {
    char raw[SEGMENTS][PATH_BYTES];
    int pieces[SEGMENTS][PIECES]; /* decoded; closed by END */
    size_t count;
};

static int
hex(char digit)
{
    static const char DIGITS[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = digit ? strchr(DIGITS, digit) : NULL;

    return at ? (int)((at - DIGITS) % 16) : -1;
}

/* One segment into pieces; false: its %, or its braces, cannot be read. */
static bool
segment_cut(const char *raw, bool is_template, int *pieces)
{
    size_t count = 0;

    for (const char *at = raw; *at; at++) {
        int piece = (unsigned char)*at;
        if (*at == '%') {
            int high = hex(at[1]);
            int low = high >= 0 ? hex(at[2]) : -1;
            if (low < 0)
                return false;
            piece = high * 16 + low;
            at += 2;
        } else if (is_template && *at == '{') {
            const char *close = strpbrk(at + 1, "{}");
            if (!close || *close != '}' || close == at + 1)
                return false;
            piece = PARAMETER;
            at = close;
        } else if (is_template && *at == '}') {
            return false;
        }
        pieces[count++] = piece;
    }
    pieces[count] = END;
    return true;
}

static bool
is_dots(const int *pieces)
{
    size_t dots = 0;

    while (pieces[dots] == '.')
        dots++;
    return (dots == 1 || dots == 2) && (pieces[dots] == END || pieces[dots] == ';');
}

/* Only "é" is beyond ASCII here. */
static bool
is_utf8(const int *pieces)
{
    for (; *pieces != END; pieces++) {
        if (*pieces == 0xC3 && pieces[1] == 0xA9)
            pieces++;
        else if (*pieces > 0x7F)
            return false;
    }
    return true;
}

/* May this stand in a path, and be read in one way only? */
static bool
segment_is_plain(const char *raw, const int *pieces)
{
    for (const char *at = raw; *at; at++) {
        if ((unsigned char)*at <= ' ' || strchr("\\?#\x7f", *at))
            return false;
    }
    for (const int *at = pieces; *at != END; at++) {
        if (*at != PARAMETER && (*at < ' ' || *at == '/' || *at == '\\' || *at == 0x7f))
            return false;
    }
    return !is_dots(pieces) && is_utf8(pieces);
}

static bool
path_cut(const char *path, bool is_template, struct cut *out)
{
    *out = (struct cut){0};
    if (path[0] != '/')
        return false;
    if (path[1] == '\0')
        return true;
    for (const char *at = path; at; at = strchr(at + 1, '/')) {
        size_t len = strcspn(at + 1, "/");
        char *raw = out->raw[out->count];
        memcpy(raw, at + 1, len);
        if (len == 0 && at[1] == '/')
            return false;
        if (!segment_cut(raw, is_template, out->pieces[out->count]) ||
            !segment_is_plain(raw, out->pieces[out->count]))
            return false;
        out->count++;
    }
    return true;
}

/* Does the template's segment fit that of the path? */
static bool
segment_fits(const int *wanted, const int *given)
{
    if (*wanted == END || *given == END)
        return *wanted == *given;
    if (*wanted != PARAMETER)
        return *wanted == *given && segment_fits(wanted + 1, given + 1);
    for (size_t taken = 1; given[taken - 1] != END; taken++) {
        if (segment_fits(wanted + 1, given + taken))
            return true;
    }
    return false;
}

static bool
template_fits(const struct cut *template, const struct cut *path)
{
    bool fits = template->count == path->count;

    for (size_t i = 0; fits && i < path->count; i++)
        fits = segment_fits(template->pieces[i], path->pieces[i]);
    return fits;
}

static size_t
pieces_count(const int *pieces, bool are_parameters)
{
    size_t count = 0;

    for (; *pieces != END; pieces++)
        count += (*pieces == PARAMETER) == are_parameters;
    return count;
}

static bool
pieces_equal(const int *a, const int *b)
{
    while (*a == *b && *a != END) {
        a++;
        b++;
    }
    return *a == *b;
}

/* > 0: `a` is better, < 0: `b` is; 0: they are the same template. */
static int
template_compare(const struct cut *a, const struct cut *b)
{
    for (size_t i = 0; i < a->count; i++) {
        if (pieces_equal(a->pieces[i], b->pieces[i]))
            continue;
        size_t a_literal = pieces_count(a->pieces[i], false);
        size_t b_literal = pieces_count(b->pieces[i], false);
        if (a_literal != b_literal)
            return a_literal > b_literal ? 1 : -1;
        size_t a_parameters = pieces_count(a->pieces[i], true);
        size_t b_parameters = pieces_count(b->pieces[i], true);
        if (a_parameters == b_parameters)
            fail_msg("nobody can say which is meant");
        return a_parameters > b_parameters ? 1 : -1;
    }
    return 0;
}

/* ---- a set of routes ---- */

struct member {
    struct operation operation;
    char path[PATH_BYTES];
    struct cut cut;
};

struct set {
    struct route_map *map;
    struct member *members;
    size_t count;
};

static struct member *
naive_same(struct set *set, const struct cut *cut, const char *method)
{
    for (size_t i = 0; i < set->count; i++) {
        struct member *member = &set->members[i];
        if (member->cut.count == cut->count &&
            strcmp(member->operation.method, method) == 0) {
            bool is_same = true;
            for (size_t k = 0; k < cut->count; k++)
                is_same = is_same && pieces_equal(member->cut.pieces[k], cut->pieces[k]);
            if (is_same)
                return member;
        }
    }
    return NULL;
}

static enum status
naive_find(struct set *set, const char *method, const struct cut *path,
           const struct member **out)
{
    const struct member *best = NULL;

    for (size_t i = 0; i < set->count; i++) {
        const struct member *member = &set->members[i];
        if (template_fits(&member->cut, path) &&
            (!best || template_compare(&member->cut, &best->cut) > 0))
            best = member;
    }
    if (!best)
        return STATUS_NOT_FOUND;
    *out = naive_same(set, &best->cut, method);
    return *out ? STATUS_OK : STATUS_REFUSED;
}

/* ---- chance ---- */

static uint64_t chance_state;

static size_t
chance(size_t below)
{
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return (size_t)((chance_state >> 16) % below);
}

#define ONE_OF(list) ((list)[chance(sizeof(list) / sizeof((list)[0]))])

static const char *const LITERALS[] = {
    "a",   "b",   "ab",  "me",      "a.json", "%61",     "a%20b", "A",      "%C3%A9",
    "x;y", "...", "a.b", "%7Bx%7D", "..a",    "aa.json", "b%25",  "orders", "v1"};
static const char *const PATTERNS[] = {
    "{p}.json", "{p}.j%73on", "a{p}", "%61{p}",   "{p}...{q}",  "{p}.{q}", "a{p}b",
    "{p}{q}",   "a%20{p}",    "{p}b", "{p}a{q}b", "aa{p}.json", "{p}:go",  "{p}%25"};
static const char *const BAD[] = {"",      "{",  "{p", "p}",  "{}",   "{p}}", "{{p}",
                                  "a%2fb", "..", ".",  "%2e", "a%0a", "%",    "%FF"};
static const char *const PREFIXES[] = {"", "", "/orders", "/a", "/a/b", "/v1"};
static const char *const METHODS[] = {"GET", "GET", "PUT", "DELETE"};
static const char *const VALUES[] = {
    "a",        "b",      "7",      "ab",          "aab",   "a.json", "b.json", "aa.json",
    "a%2Fb",    "a...b",  "%2e%2e", "..",          ".json", "a%20b",  "%61b",   "x%3Ago",
    "%FF",      "%C3%A9", "a.b.c",  "a.json.json", "aXb",   "ab%00",  "%",      "a b",
    "\xC3\xA9", "{p}",    "x;y",    ".;a",         "b%25",  "a%2520b"};

/* Some bytes of a segment, spelled in another way. */
static void
add_respelled(char *out, const char *segment)
{
    for (const char *at = segment; *at; at++) {
        if (*at == '%' && at[1] && at[2]) {
            snprintf(out + strlen(out), 4, "%.3s", at);
            at += 2;
        } else if (chance(6) == 0) {
            snprintf(out + strlen(out), 4, chance(2) ? "%%%02x" : "%%%02X",
                     (unsigned)(unsigned char)*at);
        } else {
            snprintf(out + strlen(out), 2, "%c", *at);
        }
    }
}

/* A template; sometimes one that cannot be taken. */
static void
make_template(char *out, const char *prefix)
{
    size_t count = chance(5);

    snprintf(out, PATH_BYTES, "%s%s", prefix, count == 0 && !prefix[0] ? "/" : "");
    for (size_t i = 0; i < count; i++) {
        size_t kind = chance(20);
        snprintf(out + strlen(out), PATH_BYTES - strlen(out), "/%s",
                 kind < 9    ? ONE_OF(LITERALS)
                 : kind < 14 ? (chance(2) ? "{p}" : "{q}")
                 : kind < 19 ? ONE_OF(PATTERNS)
                 : chance(4) ? "{p}"
                             : ONE_OF(BAD));
    }
    if (chance(12) == 0)
        snprintf(out + strlen(out), PATH_BYTES - strlen(out), "/");
}

/* A path that mostly fits a template of the set, or nearly does. */
static void
make_path(char *out, const struct set *set)
{
    const struct cut *cut = &set->members[chance(set->count)].cut;

    out[0] = '\0';
    for (size_t i = 0; i < cut->count; i++) {
        char segment[PATH_BYTES] = "";
        for (const char *at = cut->raw[i]; *at; at++) {
            if (*at == '{') {
                strcat(segment, ONE_OF(VALUES));
                at = strchr(at, '}');
            } else {
                strncat(segment, at, 1);
            }
        }
        strcat(out, "/");
        if (chance(16) == 0)
            strcat(out, ONE_OF(VALUES));
        else
            add_respelled(out, segment);
    }
    if (out[0] == '\0' || chance(16) == 0)
        strcat(out, "/");
    if (chance(16) == 0)
        snprintf(out + strlen(out), PATH_BYTES - strlen(out), "/%s", ONE_OF(VALUES));
    if (chance(60) == 0)
        out[chance(strlen(out))] = "?#\\ \x01/x"[chance(7)];
}

/* ---- the proofs ---- */

static void
add_one(struct set *set, const struct upstream *upstream)
{
    struct member *member = &set->members[set->count];
    const struct operation *rival = NULL;
    struct failure failure = {0};

    make_template(member->path, upstream->prefix);
    bool is_good = path_cut(member->path, true, &member->cut);
    member->operation = (struct operation){
        .id = "", .method = ONE_OF(METHODS), .path = member->path, .upstream = upstream};
    const struct member *same =
        is_good ? naive_same(set, &member->cut, member->operation.method) : NULL;
    enum status status =
        route_map_add_one(set->map, &member->operation, &rival, &failure);
    if ((status == STATUS_MALFORMED) != !is_good)
        fail_msg("%s: %d, but as read here it is %s", member->path, (int)status,
                 is_good ? "good" : "bad");
    if (rival != (same ? &same->operation : NULL))
        fail_msg("%s %s: another rival", member->operation.method, member->path);
    if (same)
        assert_int_equal(status, STATUS_CONFLICT);
    set->count += status == STATUS_OK;
}

static void
check_parameters(const struct route_match *match, const struct cut *template,
                 const struct cut *path)
{
    size_t count = 0;

    for (size_t i = 0; i < path->count; i++) {
        if (pieces_count(template->pieces[i], true) == 0)
            continue;
        assert_true(count < match->parameter_count);
        assert_true(slice_equal(match->parameters[count], slice_of(path->raw[i])));
        count++;
    }
    assert_int_equal(match->parameter_count, count);
}

/* The upstream is asked below its base, for what follows the prefix' segments. */
static void
check_upstream_path(const struct operation *operation, const char *path,
                    const struct cut *cut)
{
    char wanted[2 * PATH_BYTES];
    char asked[2 * PATH_BYTES];
    size_t from = 0;

    for (const char *at = operation->upstream->prefix; *at; at++)
        from += *at == '/';
    snprintf(wanted, sizeof(wanted), "%s", operation->upstream->base_path);
    for (size_t i = from; i < cut->count; i++)
        snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "/%s",
                 cut->raw[i]);
    if (from >= cut->count)
        strcat(wanted, "/");
    assert_int_equal(route_upstream_path(operation, slice_of(path), asked, sizeof(asked)),
                     STATUS_OK);
    assert_string_equal(asked, wanted);
}

static size_t found_counts[STATUS_BROKEN + 1];

static void
ask_one(struct set *set)
{
    char path[PATH_BYTES];
    const char *method = ONE_OF(METHODS);
    const struct member *wanted = NULL;
    struct route_match match = {0};
    struct cut cut;

    make_path(path, set);
    enum status naive = STATUS_MALFORMED;
    if (path_cut(path, false, &cut))
        naive = naive_find(set, method, &cut, &wanted);
    enum status status =
        route_map_find(set->map, slice_of(method), slice_of(path), &match);
    if (status != naive || match.operation != (wanted ? &wanted->operation : NULL))
        fail_msg("%s %s: found is %d %s, wanted %d %s", method, path, (int)status,
                 match.operation ? match.operation->path : "-", (int)naive,
                 wanted ? wanted->path : "-");
    found_counts[status]++;
    if (!wanted)
        return;
    check_parameters(&match, &wanted->cut, &cut);
    check_upstream_path(&wanted->operation, path, &cut);
}

static void
test_generated_sets_are_matched_as_a_naive_reader_matches_them(void **state)
{
    static struct upstream upstreams[sizeof(PREFIXES) / sizeof(PREFIXES[0])];
    struct member *members = calloc(OPERATIONS_A_SET, sizeof(*members));

    (void)state;
    chance_state = 0x70CE4A05E;
    for (size_t i = 0; i < sizeof(PREFIXES) / sizeof(PREFIXES[0]); i++) {
        snprintf(upstreams[i].prefix, sizeof(upstreams[i].prefix), "%s", PREFIXES[i]);
        snprintf(upstreams[i].base_path, sizeof(upstreams[i].base_path), "%s",
                 i % 2 ? "/api" : "");
    }
    for (size_t i = 0; i < SETS; i++) {
        struct set set = {.map = route_map_empty(), .members = members};
        for (size_t k = 0; k < OPERATIONS_A_SET && set.count < OPERATIONS_A_SET; k++)
            add_one(&set, &ONE_OF(upstreams));
        for (size_t k = 0; set.count > 0 && k < PATHS_A_SET; k++)
            ask_one(&set);
        route_map_free(&set.map);
    }
    free(members);

    /* each kind of answer was seen often, or the comparison says little */
    assert_true(found_counts[STATUS_OK] > SETS * PATHS_A_SET / 4);
    assert_true(found_counts[STATUS_NOT_FOUND] > 1000);
    assert_true(found_counts[STATUS_REFUSED] > 1000);
    assert_true(found_counts[STATUS_MALFORMED] > 1000);
}

/* What was refused must not stand in the way of what comes after it. */
static void
test_a_refused_operation_leaves_the_map_as_it_was(void **state)
{
    static const struct upstream UPSTREAM = {.prefix = ""};
    static const struct operation OPERATIONS[] = {
        {.method = "GET", .path = "/x/a{p}", .upstream = &UPSTREAM},
        {.method = "GET", .path = "/{p}b/a", .upstream = &UPSTREAM},
        /* "x/{p}c" and "x/a{p}" fit "x/abc": refused, and with it the "y{p}" before */
        {.method = "GET", .path = "/y{p}/x", .upstream = &UPSTREAM},
        {.method = "GET", .path = "/x/{p}c", .upstream = &UPSTREAM},
        {.method = "GET", .path = "/x/z{p}", .upstream = &UPSTREAM},
    };
    static const enum status WANTED[] = {STATUS_OK, STATUS_OK, STATUS_CONFLICT,
                                         STATUS_CONFLICT, STATUS_OK};
    struct route_map *map = route_map_empty();
    struct route_match match;

    (void)state;
    for (size_t i = 0; i < sizeof(OPERATIONS) / sizeof(OPERATIONS[0]); i++) {
        const struct operation *rival = NULL;
        assert_int_equal(route_map_add_one(map, &OPERATIONS[i], &rival, NULL), WANTED[i]);
        assert_null(rival);
    }
    assert_int_equal(route_map_find(map, SLICE("GET"), SLICE("/x/abc"), &match),
                     STATUS_OK);
    assert_string_equal(match.operation->path, "/x/a{p}");
    assert_int_equal(route_map_find(map, SLICE("GET"), SLICE("/x/bc"), &match),
                     STATUS_NOT_FOUND);
    assert_int_equal(route_map_find(map, SLICE("GET"), SLICE("/yy/x"), &match),
                     STATUS_NOT_FOUND);
    route_map_free(&map);
}

/* "near.json" fits all three, and a client that asks for it means the first. */
static void
test_the_longest_literal_wins_among_those_with_parameters(void **state)
{
    static const struct upstream UPSTREAM = {.prefix = ""};
    static const struct operation OPERATIONS[] = {
        {.id = "any", .method = "GET", .path = "/{id}.{format}", .upstream = &UPSTREAM},
        {.id = "json", .method = "GET", .path = "/{id}.json", .upstream = &UPSTREAM},
        {.id = "near",
         .method = "GET",
         .path = "/near-by.{format}",
         .upstream = &UPSTREAM},
    };
    static const struct {
        const char *path, *id;
    } ROWS[] = {{"/near-by.json", "near"}, {"/near-by.xml", "near"},
                {"/near.json", "json"},    {"/7.json", "json"},
                {"/7.xml", "any"},         {"/a.json.xml", "any"}};
    struct route_map *map = NULL;
    struct route_match match = {0};

    (void)state;
    assert_int_equal(route_map_new(OPERATIONS, 3, &map, NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        assert_int_equal(
            route_map_find(map, SLICE("GET"), slice_of(ROWS[i].path), &match), STATUS_OK);
        assert_string_equal(match.operation->id, ROWS[i].id);
    }
    assert_int_equal(route_map_find(map, SLICE("GET"), SLICE("/near-by"), &match),
                     STATUS_NOT_FOUND);
    route_map_free(&map);
}

/* Our own operations take their parameters out of whole segments. */
static void
test_only_upstreams_have_parameters_among_text(void **state)
{
    static const struct upstream UPSTREAM = {.prefix = ""};
    static const struct operation OURS = {.method = "GET", .path = "/x/a{p}"};
    static const struct operation THEIRS = {
        .method = "GET", .path = "/x/a{p}", .upstream = &UPSTREAM};
    struct route_map *map = NULL;

    (void)state;
    assert_int_equal(route_map_new(&OURS, 1, &map, NULL), STATUS_MALFORMED);
    assert_null(map);
    assert_int_equal(route_map_new(&THEIRS, 1, &map, NULL), STATUS_OK);
    route_map_free(&map);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generated_sets_are_matched_as_a_naive_reader_matches_them),
        cmocka_unit_test(test_a_refused_operation_leaves_the_map_as_it_was),
        cmocka_unit_test(test_the_longest_literal_wins_among_those_with_parameters),
        cmocka_unit_test(test_only_upstreams_have_parameters_among_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
