#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the console's built files into the program: plain and, where it pays, gzipped.

embed_console.py OUT.c OUT.bin DIST
OUT.c defines the table CONSOLE_ASSETS (console/assets.h), whose bytes are OUT.bin, taken
in by the assembler. Without DIST there is one page that says so. Neither file is touched
when nothing has changed, so that nothing is built again.
"""
import base64
import gzip
import hashlib
import os
import re
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
COMPRESSED = {".png", ".ico", ".woff2"}  # already
# Vite puts a hash into these names: the same name, the same bytes for ever
HASHED = re.compile(r"^assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$")
MISSING = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tokenhouse</title></head>
<body><main><h1>Tokenhouse</h1><p>This program was built without the console's pages, because npm was
not there. The admin API is at /console/api.</p></main></body></html>
"""


def read(dist):
    """Gives (name, bytes) of all files, in the order of their names."""
    if not os.path.exists(os.path.join(dist, "index.html")):
        return [("index.html", MISSING)]
    files = []
    for folder, _, names in os.walk(dist):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                files.append((os.path.relpath(path, dist).replace(os.sep, "/"), f.read()))
    return sorted(files)


def write(path, data):
    if os.path.exists(path):
        with open(path, "rb") as f:
            if f.read() == data:
                return
    with open(path, "wb") as f:
        f.write(data)


def main():
    out_c, out_bin, dist = sys.argv[1:]
    blob = bytearray()
    rows = []
    for name, data in read(dist):
        end = os.path.splitext(name)[1]
        if end == ".map":
            continue
        if end not in TYPES:
            sys.exit(f"embed_console.py: no type is known for '{name}'")
        packed = b"" if end in COMPRESSED else gzip.compress(data, 9, mtime=0)
        if len(packed) >= len(data):
            packed = b""
        tag = base64.urlsafe_b64encode(hashlib.sha256(data).digest()[:16]).decode().rstrip("=")
        rows.append(f'    {{"{name}", "{TYPES[end]}", "\\"{tag}\\"", '
                    f'{"true" if HASHED.match(name) else "false"}, '
                    f"{len(blob)}, {len(data)}, {len(blob) + len(data)}, {len(packed)}}},\n")
        blob += data + packed
    # whoever compares the C file sees that the bytes have changed
    mark = hashlib.sha256(blob).hexdigest()
    text = (f'/* {mark} */\n#include "console/assets.h"\n\n'
            '__asm__(".section .rodata\\n.globl console_asset_bytes\\n.hidden console_asset_bytes\\n"\n'
            f'        "console_asset_bytes:\\n.incbin \\"{os.path.abspath(out_bin)}\\"\\n.byte 0\\n.previous\\n");\n\n'
            f"const struct asset CONSOLE_ASSETS[] = {{\n{''.join(rows)}}};\n"
            f"const size_t CONSOLE_ASSET_COUNT = {len(rows)};\n")
    write(out_bin, bytes(blob))
    write(out_c, text.encode())


main()
