/* SPDX-License-Identifier: Apache-2.0
 *
 * The query language, read against a FIELD TABLE. */
#include "api/query_read.h"

#include "base/auto.h"
#include "base/limits.h"
#include "base/number.h"

/* THE SUFFIX TABLE: how names of filters end, and what that means. */
static const struct suffix {
    const char *text;
    enum field_match match;
} SUFFIXES[] = {
    {"", MATCH_IS},
    {"Not", MATCH_IS_NOT},
    {"Contains", MATCH_CONTAINS},
    {"NotContains", MATCH_NOT_CONTAINS},
    {"StartsWith", MATCH_STARTS},
    {"NotStartsWith", MATCH_NOT_STARTS},
    {"EndsWith", MATCH_ENDS},
    {"NotEndsWith", MATCH_NOT_ENDS},
    {"Empty", MATCH_EMPTY},
    {"From", MATCH_AFTER},
    {"FromInclusive", MATCH_FROM},
    {"To", MATCH_BEFORE},
    {"ToInclusive", MATCH_TO},
};

/* Names that the vendor spells otherwise, and the usual spelling. */
static const struct {
    const char *odd, *usual;
} ODD_NAMES[] = {
    {"unenrollmentDateTimeUtclusive", "unenrollmentDateTimeUtcFromInclusive"},
    {"isNotStolen", "isStolenNot"},
};

static bool
may(const struct device_field *field, unsigned bit)
{
    return (field->matches >> bit & 1) != 0;
}

/* Folds `value` for `field` into the arena. */
static enum status
fold(struct answer *x, const struct device_field *field, struct slice value,
     struct slice *out)
{
    struct buffer folded AUTO(buffer_done) = buffer_make(QUERY_MAX_BYTES + 1);
    enum status status = device_field_fold(field->kind, value, &folded);

    if (status == STATUS_OK)
        *out = arena_copy(x->arena, buffer_slice(&folded));
    return status;
}

static const char *
wanted_of(enum field_kind kind)
{
    switch (kind) {
    case FIELD_DATE:
        return "a date and time like 2026-01-31T00:00:00.000Z";
    case FIELD_TRUTH:
        return "true or false";
    case FIELD_NUMBER:
        return "a whole number";
    case FIELD_TEXT:
    case FIELD_LIST:
        break;
    }
    return "UTF-8 text";
}

static enum status
add_filter(struct answer *x, struct slice name, const struct device_filter *filter,
           struct list_query *out)
{
    if (out->filter_count == DEVICE_FILTER_MAX_COUNT)
        return answer_refuse(x, "INVALID_VALUE", name, "there are more than %d filters",
                             DEVICE_FILTER_MAX_COUNT);
    out->filters[out->filter_count++] = *filter;
    return STATUS_OK;
}

/* A date or a number must be there; a text may be empty. */
static enum status
add_value_filter(struct answer *x, const struct query_pair *pair,
                 const struct device_field *field, enum field_match match,
                 struct list_query *out)
{
    struct device_filter filter = {.field = field, .match = match};
    bool must_be = field->kind != FIELD_TEXT && field->kind != FIELD_LIST;
    struct slice value = must_be ? slice_trim(pair->value) : pair->value;

    if ((must_be && value.len == 0) || fold(x, field, value, &filter.value) != STATUS_OK)
        return answer_bad_value(x, pair->name, pair->value, wanted_of(field->kind));
    return add_filter(x, pair->name, &filter, out);
}

/* A truth that may be asked both ways: what is not said counts as false. */
static enum status
add_truth_filter(struct answer *x, const struct query_pair *pair,
                 const struct device_field *field, bool is_not, struct list_query *out)
{
    struct device_filter filter = {.field = field, .value = SLICE("true")};
    struct slice value;

    if (fold(x, field, slice_trim(pair->value), &value) != STATUS_OK || value.len == 0)
        return answer_bad_value(x, pair->name, pair->value, wanted_of(FIELD_TRUTH));
    bool is_wanted = slice_equal(value, SLICE("true")) != is_not;
    filter.match = is_wanted ? MATCH_IS : MATCH_IS_NOT;
    return add_filter(x, pair->name, &filter, out);
}

static enum status
add_empty_filter(struct answer *x, const struct query_pair *pair,
                 const struct device_field *field, struct list_query *out)
{
    struct device_filter filter = {.field = field};
    struct slice value = slice_trim(pair->value);

    if (slice_equal_nocase(value, SLICE("true")))
        filter.match = MATCH_EMPTY;
    else if (slice_equal_nocase(value, SLICE("false")))
        filter.match = MATCH_NOT_EMPTY;
    else
        return STATUS_OK; /* the vendor ignores other values */
    return add_filter(x, pair->name, &filter, out);
}

static enum status
add_any_of_filter(struct answer *x, const struct query_pair *pair,
                  const struct device_field *field, struct list_query *out)
{
    enum { ANY_MAX_COUNT = 256 };
    struct slice *values = arena_new(x->arena, ANY_MAX_COUNT * sizeof(*values));
    struct device_filter filter = {.field = field, .any_of = values};
    struct slice rest = pair->value;
    struct slice item;

    while (query_text_next_item(&rest, &item)) {
        if (filter.any_count == ANY_MAX_COUNT)
            return answer_refuse(x, "INVALID_VALUE", pair->name,
                                 "%.*s has more than %d values", SLICE_ARG(pair->name),
                                 ANY_MAX_COUNT);
        if (fold(x, field, item, &values[filter.any_count++]) != STATUS_OK)
            return answer_bad_value(x, pair->name, item, wanted_of(field->kind));
    }
    return add_filter(x, pair->name, &filter, out);
}

/* Adds the filter that `field` and the rest of the name mean, if they mean one. */
static enum status
filter_of_field(struct answer *x, const struct query_pair *pair, struct slice suffix,
                const struct device_field *field, struct list_query *out)
{
    bool is_both_ways = may(field, MATCH_BIT_STOLEN) || may(field, MATCH_IS_NOT);

    if (may(field, MATCH_BIT_ENABLED)) {
        if (slice_equal(suffix, SLICE("Enabled")))
            return add_truth_filter(x, pair, field, false, out);
        if (slice_equal(suffix, SLICE("NotEnabled")))
            return add_truth_filter(x, pair, field, true, out);
        return STATUS_OK;
    }
    if (may(field, MATCH_BIT_ANY_OF) && slice_equal(suffix, SLICE("AnyOf")))
        return add_any_of_filter(x, pair, field, out);
    if (field->kind == FIELD_TRUTH && is_both_ways) {
        if (suffix.len == 0)
            return add_truth_filter(x, pair, field, false, out);
        if (slice_equal(suffix, SLICE("Not")))
            return add_truth_filter(x, pair, field, true, out);
        return STATUS_OK;
    }
    for (size_t i = 0; i < COUNT_OF(SUFFIXES); i++) {
        if (!may(field, SUFFIXES[i].match) ||
            !slice_equal(suffix, slice_of(SUFFIXES[i].text)))
            continue;
        if (SUFFIXES[i].match == MATCH_EMPTY)
            return add_empty_filter(x, pair, field, out);
        return add_value_filter(x, pair, field, SUFFIXES[i].match, out);
    }
    return STATUS_OK;
}

static enum status
read_filters(struct answer *x, const struct list_kind *kind, struct list_query *out)
{
    for (size_t i = 0; i < x->pairs.count; i++) {
        const struct query_pair *pair = &x->pairs.at[i];
        struct slice name = pair->name;
        for (size_t odd = 0; odd < COUNT_OF(ODD_NAMES); odd++) {
            if (slice_equal(name, slice_of(ODD_NAMES[odd].odd)))
                name = slice_of(ODD_NAMES[odd].usual);
        }
        for (size_t j = 0; j < kind->field_count; j++) {
            struct slice field = slice_of(kind->fields[j].name);
            if (!slice_starts(name, field))
                continue;
            enum status status = filter_of_field(x, pair, slice_from(name, field.len),
                                                 &kind->fields[j], out);
            if (status != STATUS_OK)
                return status;
        }
    }
    return STATUS_OK;
}

/* Reads one sort key, "name" or "name:asc" or "name:desc". */
static enum status
read_sort_key(struct answer *x, const struct list_kind *kind, struct slice item,
              struct device_sort *out)
{
    struct slice name = item;
    struct slice way = item;

    if (slice_cut(&way, ':', &name))
        way = slice_trim(way);
    else
        way = SLICE("asc");
    name = slice_trim(name);
    bool is_descending = slice_equal_nocase(way, SLICE("desc"));
    if (!is_descending && !slice_equal_nocase(way, SLICE("asc")))
        return answer_refuse(x, "INVALID_SORT", name,
                             "sortBy: '%.*s' is sorted '%.*s', but must be asc or desc",
                             SLICE_ARG(slice_head(name, 64)),
                             SLICE_ARG(slice_head(way, 64)));
    for (size_t i = 0; i < kind->field_count; i++) {
        if (!kind->fields[i].is_sortable ||
            !slice_equal(name, slice_of(kind->fields[i].name)))
            continue;
        *out = (struct device_sort){&kind->fields[i], is_descending};
        return STATUS_OK;
    }
    return answer_refuse(x, "INVALID_SORT", name,
                         "sortBy: '%.*s' is no field that can be sorted by",
                         SLICE_ARG(slice_head(name, 64)));
}

static enum status
read_sorts(struct answer *x, const struct list_kind *kind, struct list_query *out)
{
    struct device_sort seen[DEVICE_SORT_MAX_COUNT];
    size_t seen_count = 0;
    struct slice name = SLICE("sortBy");
    struct slice rest = slice_of(kind->sort_usual);
    struct slice item;

    if (query_text_find(&x->pairs, name, &rest) == STATUS_CONFLICT)
        return answer_refuse(x, "INVALID_SORT", name, "sortBy is given twice");
    while (query_text_next_item(&rest, &item)) {
        struct device_sort sort;
        enum status status = read_sort_key(x, kind, item, &sort);
        if (status != STATUS_OK)
            return status;
        for (size_t i = 0; i < seen_count; i++) {
            if (seen[i].field == sort.field)
                return answer_refuse(x, "DUPLICATE_SORT_KEY", slice_of(sort.field->name),
                                     "sortBy: '%s' is there twice", sort.field->name);
        }
        if (seen_count == kind->sort_max)
            return answer_refuse(x, "INVALID_SORT", name,
                                 "sortBy has more keys than it may have here: %zu",
                                 kind->sort_max);
        seen[seen_count++] = sort;
        /* what is the same in all rows orders nothing */
        if (sort.field->column[0] != '\0')
            out->sorts[out->sort_count++] = sort;
    }
    return STATUS_OK;
}

static enum status
read_page_size(struct answer *x, const struct list_kind *kind, struct list_query *out)
{
    struct slice name = SLICE("pageSize");
    struct slice text;
    int64_t size = 0;
    enum status status = query_text_find(&x->pairs, name, &text);

    out->page_size = kind->page_usual;
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return answer_refuse(x, "INVALID_VALUE", name, "pageSize is given twice");
    if (number_read(text, &size) != STATUS_OK || size < 1 ||
        size > (int64_t)kind->page_max)
        return answer_refuse(x, "INVALID_VALUE", name,
                             "pageSize is '%.*s', but must be a number from 1 to %zu",
                             SLICE_ARG(slice_head(text, 64)), kind->page_max);
    out->page_size = (size_t)size;
    return STATUS_OK;
}

enum status
query_read(struct answer *x, const struct list_kind *kind, struct list_query *out)
{
    *out = (struct list_query){0};
    enum status status = read_page_size(x, kind, out);
    if (status == STATUS_OK && kind->sort_max > 0)
        status = read_sorts(x, kind, out);
    if (status == STATUS_OK)
        status = read_filters(x, kind, out);
    return status;
}

static bool
slice_contains(struct slice s, struct slice part)
{
    return part.len == 0 || (s.len > 0 && memmem(s.at, s.len, part.at, part.len));
}

static bool
is_any_of(struct slice value, const struct device_filter *filter)
{
    for (size_t i = 0; i < filter->any_count; i++) {
        if (slice_equal(value, filter->any_of[i]))
            return true;
    }
    return false;
}

bool
query_value_passes(struct slice value, const struct device_filter *filter)
{
    switch (filter->match) {
    case MATCH_IS:
        return filter->any_of ? is_any_of(value, filter)
                              : slice_equal(value, filter->value);
    case MATCH_IS_NOT:
        return !slice_equal(value, filter->value);
    case MATCH_CONTAINS:
        return slice_contains(value, filter->value);
    case MATCH_NOT_CONTAINS:
        return !slice_contains(value, filter->value);
    case MATCH_STARTS:
        return slice_starts(value, filter->value);
    case MATCH_NOT_STARTS:
        return !slice_starts(value, filter->value);
    case MATCH_ENDS:
        return slice_ends(value, filter->value);
    case MATCH_NOT_ENDS:
        return !slice_ends(value, filter->value);
    case MATCH_EMPTY:
        return value.len == 0;
    case MATCH_NOT_EMPTY:
        return value.len > 0;
    case MATCH_AFTER:
    case MATCH_FROM:
    case MATCH_BEFORE:
    case MATCH_TO:
    case MATCH_COUNT:
        break; /* no short list has dates to compare */
    }
    return false;
}
