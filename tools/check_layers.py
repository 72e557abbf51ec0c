#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Refuses an #include that a folder may not have, and a library outside its door.

LAYERS is the table of ARCHITECTURE.md in a form that a machine reads: a folder may
include itself, base/ and the folders listed for it (and nothing else of ours).
"""
import os
import re
import sys

LAYERS = {
    "base": "",
    "json": "",
    "crypto": "",
    "model": "",
    "jose": "json crypto model",
    "config": "",
    "net": "",
    "http": "net",
    "httpsig": "crypto model http",
    "store": "model",
    "openapi": "json model",
    "rules": "json crypto jose model store openapi",
    "keyring": "model store crypto",
    "gate": "json crypto jose model config http httpsig net keyring rules",
    "api": "json model config store rules http crypto",
    "upstream": "json model config http crypto",
    "console": "json jose model config store rules http crypto api openapi",
    "mail": "model config store",
    "outputs": "json crypto jose model config net store rules mail",
    "collect": "json crypto net",
    "house": "json crypto jose model config net http httpsig store rules keyring gate api"
             " openapi upstream console mail outputs",
    "cli": "json crypto jose model config http httpsig store rules keyring api openapi upstream mail"
           " outputs collect house",
}

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


def faults(root):
    for folder, _, names in os.walk(os.path.join(root, "src")):
        for name in sorted(names):
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.relpath(os.path.join(folder, name), root)
            parts = path.split(os.sep)
            own = parts[1] if len(parts) > 2 else "main"
            allowed = {"cli"} if own == "main" else {own, "base", *LAYERS[own].split()}
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
