/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole texts, and the words for what is wrong with them. */
#include "json/scan.h"

#include "base/utf8.h"
#include "json/core.h"

static struct json_core
scan_text(struct slice text, struct json_value *out)
{
    struct json_core core = json_core_of(text);

    if (json_core_value(&core, 0, out))
        json_core_finish(&core);
    return core;
}

enum status
json_scan(struct slice text, struct json_value *out)
{
    struct json_value value = {0};
    struct json_core core = scan_text(text, &value);
    enum status status = json_core_status(&core);

    if (status == STATUS_OK)
        *out = value;
    return status;
}

static const char *
fault_words(enum json_fault fault)
{
    switch (fault) {
#define X(name, words)      \
    case JSON_FAULT_##name: \
        return words;
        JSON_FAULT_LIST(X)
#undef X
    }
    return "this is not JSON";
}

enum status
json_core_explain(const struct json_core *core, struct slice text, size_t place,
                  struct failure *failure)
{
    const unsigned char *line_at = text.at;
    const unsigned char *fault_at = text.at + place;
    size_t column;
    int line = 1;

    if (core->fault == JSON_FAULT_NONE)
        return STATUS_OK;
    for (const unsigned char *at = text.at; at < fault_at; at++) {
        if (*at == '\n') {
            line++;
            line_at = at + 1;
        }
    }
    column = utf8_count((struct slice){line_at, (size_t)(fault_at - line_at)}) + 1;
    if (failure)
        failure->line = line;
    return failure_set(failure, json_core_status(core), NULL, "line %d, column %zu: %s",
                       line, column, fault_words(core->fault));
}

enum status
json_explain(struct slice text, struct failure *failure)
{
    struct slice held = text.at ? text : SLICE("");
    struct json_value value = {0};
    struct json_core core = scan_text(held, &value);

    return json_core_explain(&core, held, (size_t)(core.at - held.at), failure);
}
