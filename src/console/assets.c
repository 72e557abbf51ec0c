/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers with the pages. They are one application: a path that names no file is its own
 * affair, and gets the same first page. */
#include "console/assets.h"

#include "base/slice.h"
#include "console/console.h"

static const struct slice ROOT = SLICE("/console/");

/* Scripts are ours and in files; styles may stand in attributes, where Mantine puts them;
 * pictures may be drawn on the spot (QR codes). */
static const char POLICY[] =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

static const struct asset *
find_asset(struct slice name)
{
    for (size_t i = 0; i < CONSOLE_ASSET_COUNT; i++) {
        if (slice_equal(slice_of(CONSOLE_ASSETS[i].name), name))
            return &CONSOLE_ASSETS[i];
    }
    return NULL;
}

/* Does the last part of it look like a file's name? */
static bool
names_a_file(struct slice name)
{
    for (size_t i = name.len; i > 0 && name.at[i - 1] != '/'; i--) {
        if (name.at[i - 1] == '.')
            return true;
    }
    return slice_starts(name, SLICE("assets/"));
}

static bool
lists(const struct http_request *request, struct slice header, struct slice what)
{
    struct slice value = {0};

    return http_request_header(request, header, &value) && value.len > 0 &&
           memmem(value.at, value.len, what.at, what.len) != NULL;
}

static void
add(struct http_reply *reply, struct slice name, struct slice value)
{
    reply->headers[reply->header_count++] = (struct http_header){name, value};
}

static void
add_safety(struct http_reply *reply, bool is_https)
{
    add(reply, SLICE("Content-Security-Policy"), slice_of(POLICY));
    add(reply, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    add(reply, SLICE("Referrer-Policy"), SLICE("no-referrer"));
    add(reply, SLICE("Cross-Origin-Opener-Policy"), SLICE("same-origin"));
    add(reply, SLICE("Cross-Origin-Resource-Policy"), SLICE("same-origin"));
    if (is_https)
        add(reply, SLICE("Strict-Transport-Security"), SLICE("max-age=31536000"));
}

static void
fill_bytes(const struct asset *asset, const struct http_request *request,
           struct http_reply *out)
{
    bool is_packed =
        asset->packed_len > 0 && lists(request, SLICE("Accept-Encoding"), SLICE("gzip"));

    add(out, SLICE("ETag"), slice_of(asset->etag));
    add(out, SLICE("Cache-Control"),
        asset->is_immutable ? SLICE("public, max-age=31536000, immutable")
                            : SLICE("no-cache"));
    if (asset->packed_len > 0)
        add(out, SLICE("Vary"), SLICE("Accept-Encoding"));
    if (lists(request, SLICE("If-None-Match"), slice_of(asset->etag))) {
        out->status = 304;
        return;
    }
    out->content_type = slice_of(asset->type);
    out->body = (struct slice){console_asset_bytes + asset->at, asset->len};
    if (!is_packed)
        return;
    add(out, SLICE("Content-Encoding"), SLICE("gzip"));
    out->body = (struct slice){console_asset_bytes + asset->packed_at, asset->packed_len};
}

void
console_page(const struct http_request *request, bool is_https, struct http_reply *out)
{
    struct slice name = slice_from(request->path, ROOT.len);
    const struct asset *asset = find_asset(name);

    *out = (struct http_reply){.status = 200};
    add_safety(out, is_https);
    if (!asset && !names_a_file(name))
        asset = find_asset(SLICE("index.html"));
    if (asset) {
        fill_bytes(asset, request, out);
        return;
    }
    out->status = 404;
    out->content_type = SLICE("text/plain; charset=utf-8");
    add(out, SLICE("Cache-Control"), SLICE("no-store"));
    out->body = SLICE("there is no such file\n");
}
