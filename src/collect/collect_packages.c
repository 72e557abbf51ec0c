/* SPDX-License-Identifier: Apache-2.0
 *
 * Installed packages as applications, from dpkg's own database
 * (/var/lib/dpkg/status, deb-control(5)); other distributions have none, and give an
 * empty list. */
#include "collect/inside.h"

#include "base/number.h"

#include <stdio.h>
#include <sys/stat.h>

enum { PACKAGE_NAME_MAX = 256 };

/* What one paragraph says. Multi-line fields go on in lines that begin with a blank;
 * none of these does. */
struct package {
    struct slice name, version, maintainer, architecture, multi_arch;
    bool is_installed;
};

static void
read_field(struct slice line, struct package *out)
{
    const struct field {
        const char *name;
        struct slice *value;
    } fields[] = {{"Package", &out->name},
                  {"Version", &out->version},
                  {"Maintainer", &out->maintainer},
                  {"Architecture", &out->architecture},
                  {"Multi-Arch", &out->multi_arch}};
    struct slice name;

    if (line.len == 0 || line.at[0] == ' ' || !slice_cut(&line, ':', &name))
        return;
    line = slice_trim(line);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (slice_equal_nocase(name, slice_of(fields[i].name)))
            *fields[i].value = line;
    }
    /* "install ok installed", "hold ok installed" */
    if (slice_equal_nocase(name, SLICE("Status")))
        out->is_installed = slice_ends(line, SLICE(" ok installed"));
}

/* Cuts the next paragraph. False at the end. */
static bool
next_package(struct slice *text, struct package *out)
{
    struct slice line;

    *out = (struct package){0};
    while (text->len > 0) {
        if (!slice_cut(text, '\n', &line)) {
            line = *text;
            *text = (struct slice){0};
        }
        if (line.len > 0)
            read_field(line, out);
        else if (out->name.len > 0)
            return true;
    }
    return out->name.len > 0;
}

/* The upstream's part of "1:2.36-9+deb12u10" (deb-version(7)): no epoch, no revision. */
static struct slice
upstream_version(struct slice version)
{
    struct slice epoch;

    slice_cut(&version, ':', &epoch);
    for (size_t i = version.len; i > 0; i--) {
        if (version.at[i - 1] == '-')
            return slice_head(version, i - 1);
    }
    return version;
}

/* Writes the number with which `text` begins, and drops it and the mark behind it. */
static void
put_version_part(struct collecting *c, const char *name, struct slice *text)
{
    size_t digits = 0;
    int64_t number = 0;

    while (digits < text->len && text->at[digits] >= '0' && text->at[digits] <= '9')
        digits++;
    if (number_read(slice_head(*text, digits), &number) == STATUS_OK &&
        number <= INT32_MAX)
        json_write_member_int(c->w, name, number);
    *text = slice_from(*text, digits + 1);
}

/* "Debian Bash Maintainers <bash@…>" without the address. */
static struct slice
publisher_of(struct slice maintainer)
{
    slice_cut(&(struct slice){maintainer.at, maintainer.len}, '<', &maintainer);
    return slice_trim(maintainer);
}

/* When dpkg last wrote down which files the package has. */
static void
put_install_time(struct collecting *c, const struct package *package)
{
    char path[COLLECT_PATH_MAX];
    struct stat facts;
    bool is_same = slice_equal(package->multi_arch, SLICE("same"));

    host_path(c, path, "/var/lib/dpkg/info/%.*s%s%.*s.list", SLICE_ARG(package->name),
              is_same ? ":" : "", is_same ? (int)package->architecture.len : 0,
              (const char *)package->architecture.at);
    if (path[0] != '\0' && stat(path, &facts) == 0)
        put_time(c, "installDateTimeUtc", (int64_t)facts.st_mtim.tv_sec * 1000);
}

static void
put_package(struct collecting *c, const struct package *package)
{
    struct slice version = upstream_version(package->version);
    struct slice rest = version;

    json_write_object(c->w);
    json_write_member_string(c->w, "appName", package->name);
    json_write_member_string(c->w, "appOriginalName", package->name);
    put_text(c, "appPublisher", publisher_of(package->maintainer));
    put_text(c, "appOriginalPublisher", package->maintainer);
    put_text(c, "appVersion", version);
    put_text(c, "appOriginalVersion", package->version);
    put_version_part(c, "major", &rest);
    put_version_part(c, "minor", &rest);
    put_install_time(c, package);
    put_time(c, "lastScanDateTimeUtc", c->host->now_ms);
    put_text(c, "osName", slice_of(c->os_name));
    json_write_end(c->w);
}

void
collect_packages(struct collecting *c)
{
    struct slice text = host_read(c, "/var/lib/dpkg/status");
    struct package package;

    json_write_key(c->w, "applications");
    json_write_array(c->w);
    while (next_package(&text, &package)) {
        if (package.is_installed && package.name.len < PACKAGE_NAME_MAX)
            put_package(c, &package);
    }
    json_write_end(c->w);
}
