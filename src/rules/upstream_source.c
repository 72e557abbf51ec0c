/* SPDX-License-Identifier: Apache-2.0
 *
 * From a description to operations that can be matched. */
#include "rules/upstream_source.h"

#include "base/auto.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Operations while they are sorted out. */
struct fitting {
    struct arena *arena;
    struct description *description;
    struct route_map *map; /* of those that were kept; owned */
    struct operation *kept;
    const char **tags;
    size_t kept_count;
    struct description_note *notes; /* room for two an operation more */
    size_t note_count;
};

static void
fitting_done(struct fitting *fitting)
{
    route_map_free(&fitting->map);
}

const char *
upstream_path_is_ours(const char *path)
{
    static const char *const OURS[] = {"/jws",      "/api-doc", "/console",
                                       "/calendar", "/decide",  "/.well-known",
                                       "/healthz",  "/readyz",  "/metrics"};

    for (size_t i = 0; i < sizeof(OURS) / sizeof(OURS[0]); i++) {
        size_t len = strlen(OURS[i]);
        if (strncmp(path, OURS[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
            return OURS[i];
    }
    return NULL;
}

static void note(struct fitting *fitting, const struct operation *about,
                 const struct operation *operation, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void
note(struct fitting *fitting, const struct operation *about,
     const struct operation *operation, const char *format, ...)
{
    char words[FAILURE_TEXT_MAX];
    char pointer[FAILURE_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    snprintf(pointer, sizeof(pointer), "%s %.400s", operation->method, operation->path);
    fitting->notes[fitting->note_count++] =
        (struct description_note){about, arena_text(fitting->arena, slice_of(pointer)),
                                  arena_text(fitting->arena, slice_of(words))};
}

/* Two that answer the same requests: nobody can say which the upstream takes, so neither
 * is let through. */
static void
close_both(struct fitting *fitting, const struct operation *rival,
           const struct operation *operation)
{
    size_t index = (size_t)(rival - fitting->kept);
    struct operation *kept = &fitting->kept[index];

    kept->need = OPERATION_CLOSED;
    kept->permissions = (struct permission_set){{0}};
    note(fitting, kept, kept, "refused: %s answers the same requests", operation->path);
    note(fitting, NULL, operation, "left out: %s answers the same requests", rival->path);
}

static enum status
fit_one(struct fitting *fitting, size_t index, struct failure *failure)
{
    const struct operation *read = &fitting->description->operations[index];
    struct operation *kept = &fitting->kept[fitting->kept_count];
    const struct operation *rival = NULL;
    struct failure why = {0};

    *kept = *read;
    enum status status = route_map_add_one(fitting->map, kept, &rival, &why);
    if (status == STATUS_OK) {
        fitting->tags[fitting->kept_count++] = fitting->description->tags[index];
    } else if (status == STATUS_MALFORMED) {
        note(fitting, NULL, read, "left out: %.400s", why.text);
    } else if (rival) {
        close_both(fitting, rival, read);
    } else {
        return failure_set(failure, STATUS_MALFORMED, "openapi", "%s", why.text);
    }
    return STATUS_OK;
}

/* The notes of reading point at operations by their old places. */
static void
move_notes(struct fitting *fitting)
{
    const struct description *description = fitting->description;

    for (size_t i = 0; i < description->note_count; i++) {
        struct description_note moved = description->notes[i];
        const struct operation *old = moved.operation;
        moved.operation = NULL;
        for (size_t k = 0; old && k < fitting->kept_count; k++) {
            if (strcmp(fitting->kept[k].method, old->method) == 0 &&
                strcmp(fitting->kept[k].path, old->path) == 0)
                moved.operation = &fitting->kept[k];
        }
        fitting->notes[fitting->note_count++] = moved;
    }
}

static enum status
fit(struct arena *arena, struct description *description, struct failure *failure)
{
    size_t count = description->operation_count;
    struct fitting fitting AUTO(fitting_done) = {
        .arena = arena,
        .description = description,
        .map = route_map_empty(),
        .kept = arena_new(arena, (count + 1) * sizeof(struct operation)),
        .tags = arena_new(arena, (count + 1) * sizeof(char *)),
        .notes = arena_new(arena, (description->note_count + 2 * count + 1) *
                                      sizeof(struct description_note)),
    };
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = fit_one(&fitting, i, failure);
    if (status != STATUS_OK)
        return status;
    move_notes(&fitting);
    description->operations = fitting.kept;
    description->tags = fitting.tags;
    description->operation_count = fitting.kept_count;
    description->notes = fitting.notes;
    description->note_count = fitting.note_count;
    return STATUS_OK;
}

enum status
upstream_source_read(const struct upstream *upstream, struct slice document,
                     struct slice overlay, bool may_introduce, struct route_source **out,
                     struct description *out_description, struct failure *failure)
{
    struct route_source *source AUTO(route_source_drop) = route_source_new();
    struct upstream *kept = arena_new(&source->arena, sizeof(*kept));
    struct description description = {0};
    struct description_wish wish = {.document = document,
                                    .overlay = overlay,
                                    .upstream = kept,
                                    .may_introduce = may_introduce};

    *kept = *upstream;
    enum status status = description_read(&wish, &source->arena, &description, failure);
    if (status == STATUS_OK)
        status = fit(&source->arena, &description, failure);
    if (status != STATUS_OK)
        return status;
    source->upstream = kept;
    source->operations = description.operations;
    source->operation_count = description.operation_count;
    if (out_description)
        *out_description = description;
    *out = TAKE(source);
    return STATUS_OK;
}
