#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Refuses an #include that a folder may not have, and a library outside its door.

The table of folders in ARCHITECTURE.md says who may know whom: a folder may include
itself, base/ and the folders in its last column (and nothing else of ours).
"""
import os
import re
import sys

# a row of that table: | `src/jose/` | what is in it | json, crypto, model |
ROW = re.compile(r"^\| `src/(\w+)(?:/|\.c)` \|.*\| ([^|]+) \|$", re.M)

# library header -> where it may be included
DOORS = {
    r"openssl/": r"^src/(crypto/|net/tls)",
    r"sodium": r"^src/crypto/",
    r"sqlite3\.h": r"^src/store/",
    r"libpq": r"^src/store/",
    r"nghttp2/": r"^src/http/",
    r"curl/": r"^src/(mail|cli)/",
    r"urcu": r"^src/keyring/",
    r"jansson\.h": r"^src/(rules|upstream|api|console|cli|store)/",
    r"sys/socket\.h|netinet/|netdb\.h|sys/epoll\.h": r"^src/net/",
    r"arpa/inet\.h": r"^src/(net|base)/",
    r"yaml\.h": r"^src/openapi/",
    r"ini\.h": r"^src/config/",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def layers(root):
    """What each folder may include, as ARCHITECTURE.md has it."""
    with open(os.path.join(root, "ARCHITECTURE.md"), encoding="utf-8") as f:
        rows = dict(ROW.findall(f.read()))
    allowed = {}
    for own, column in rows.items():
        but = re.match(r"all but (.*)", column)
        named = set((but[1] if but else column).split(", ")) - {"–", "all"}
        if named - set(rows):
            sys.exit(f"ARCHITECTURE.md: src/{own}: there is no folder {named - set(rows)}")
        allowed[own] = {own, "base", *(set(rows) - named if but else named)}
    return allowed


def faults(root):
    allowed_for = layers(root)
    for folder, _, names in os.walk(os.path.join(root, "src")):
        for name in sorted(names):
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.relpath(os.path.join(folder, name), root)
            parts = path.split(os.sep)
            own = parts[1] if len(parts) > 2 else "main"
            if own not in allowed_for:
                yield f"{path}: ARCHITECTURE.md has no row for {own}/"
                continue
            allowed = allowed_for[own]
            with open(os.path.join(root, path), encoding="utf-8") as f:
                for number, line in enumerate(f, 1):
                    match = INCLUDE.match(line)
                    if not match:
                        continue
                    ours, library = match.groups()
                    if ours is not None:
                        other = ours.split("/")[0]
                        if "/" not in ours:
                            yield f"{path}:{number}: write the folder: \"{own}/{ours}\""
                        elif other not in allowed:
                            yield f"{path}:{number}: {own}/ may not include {other}/"
                    else:
                        for pattern, door in DOORS.items():
                            if re.match(pattern, library) and not re.match(door, path):
                                yield f"{path}:{number}: <{library}> belongs in {door}"


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = list(faults(root))
    print("\n".join(found) if found else "layers: each folder knows only its own")
    sys.exit(1 if found else 0)


main()
