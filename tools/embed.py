#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes files into a C table, so that the program carries them.

embed.py OUT.c TABLE [--under FOLDER] FILE...
The C file defines `const struct embedded TABLE[]` (base/embedded.h), ended by a row
without a name. Names are the paths under FOLDER.
"""
import os
import sys


def main() -> None:
    out, table, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    under = ""
    if rest and rest[0] == "--under":
        under, rest = rest[1], rest[2:]
    rows = []
    with open(out, "w", encoding="ascii") as c:
        c.write('#include "base/embedded.h"\n\n')
        for number, path in enumerate(sorted(rest)):
            with open(path, "rb") as f:
                data = f.read()
            name = os.path.relpath(path, under) if under else os.path.basename(path)
            c.write(f"static const unsigned char file_{number}[] = {{\n")
            for at in range(0, len(data), 24):
                c.write(",".join(str(b) for b in data[at:at + 24]) + ",\n")
            c.write("0};\n")
            rows.append(f'    {{"{name}", {{file_{number}, {len(data)}}}}},\n')
        c.write(f"extern const struct embedded {table}[];\n")
        c.write(f"const struct embedded {table}[] = {{\n{''.join(rows)}    {{0, {{0, 0}}}},\n}};\n")


main()
