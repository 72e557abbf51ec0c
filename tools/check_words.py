#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Refuses words that have no business in the source, and files without their first lines.

BANNED: a pattern, where it is allowed all the same, and why it is refused.
"""
import os
import re
import sys

BANNED = [
    (r"\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets)\s*\(", None,
     "no length: use struct buffer or snprintf"),
    (r"\bstrtok(_r)?\s*\(", None, "writes into its argument: use slice_cut"),
    (r"\b(atoi|atol|atoll|atof)\s*\(", None, "cannot fail: use number_read"),
    (r"\b(system|popen)\s*\(", None, "no shells"),
    (r"\b(rand|srand|random|drand48)\s*\(\s*\)", None, "use base/random.h"),
    (r"\b(localtime|gmtime|localtime_r|gmtime_r|ctime|asctime)\s*\(", None,
     "time zones and statics: use base/date.h"),
    (r"\b(time|gettimeofday|clock_gettime)\s*\(", r"src/base/(clock|log)\.c",
     "use base/clock.h"),
    (r"\b(malloc|calloc|realloc|strdup|strndup|asprintf)\s*\(", r"src/base/mem\.c",
     "use base/mem.h"),
    (r"\bmemcmp\s*\(", r"src/(?!crypto/|jose/)", "use secret_equal or slice_equal"),
    (r"\bgoto\b", None, "use AUTO and return"),
    (r"\b(TODO|FIXME|XXX)\b", None, "an issue, or nothing"),
    (r"\balloca\s*\(", None, "the stack has no limit check"),
]
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)


def code_only(text):
    """The text with comments and string literals blanked, line numbers kept."""
    return COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def faults(root):
    for top in ("src", "tests"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            if "node_modules" in folder:
                continue
            for name in sorted(names):
                if not name.endswith((".c", ".h")):
                    continue
                path = os.path.relpath(os.path.join(folder, name), root)
                with open(os.path.join(root, path), encoding="utf-8") as f:
                    text = f.read()
                if not text.startswith("/* SPDX-License-Identifier: Apache-2.0"):
                    yield f"{path}:1: begins without its SPDX line"
                lines = text.count("\n")
                if lines > 700:
                    yield f"{path}: {lines} lines: cut it where its subject divides"
                if top == "src":
                    for pattern, allowed, why in BANNED:
                        if allowed and re.match(allowed, path):
                            continue
                        for hit in re.finditer(pattern, code_only(text)):
                            line = text.count("\n", 0, hit.start()) + 1
                            yield f"{path}:{line}: '{hit.group().strip()}': {why}"


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = list(faults(root))
    print("\n".join(found) if found else "words: none that are banned")
    sys.exit(1 if found else 0)


main()
