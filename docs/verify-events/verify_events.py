#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks an export of Tokenhouse's Event History without Tokenhouse.

    verify_events.py KEY.pem EVENTS.jsonl PROOF.json [HEAD.json ...]
    verify_events.py KEY.pem ONE.json

Needs Python's standard library and the `openssl` command. KEY.pem is the server's public
key, as you kept it (`tokenhouse events key`). EVENTS.jsonl and PROOF.json are what
`tokenhouse events export --out EVENTS.jsonl --proof PROOF.json` wrote; a HEAD.json is a
signed head that you kept (`tokenhouse events head`, or a letter that has it, saved or
copied as text); ONE.json is what `tokenhouse events
prove ID` printed. Exit status 0: it is the history that was signed. 1: it is not, and the
first event that is wrong is named. The forms are described in docs/events.md.
"""
import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile

TAIL = len(',"hash":"') + 43 + len('"}')


class Wrong(Exception):
    pass


def unbase64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# ---- the tree: RFC 6962 section 2.1 ----

def leaf_hash(data):
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows: its perfect subtrees, the largest first."""

    def __init__(self, size=0, subtrees=()):
        self.size, self.subtrees = size, list(subtrees)

    def add(self, leaf):
        size = self.size
        while size & 1:
            leaf = node_hash(self.subtrees.pop(), leaf)
            size >>= 1
        self.subtrees.append(leaf)
        self.size += 1

    def root(self):
        root = self.subtrees[-1]
        for subtree in reversed(self.subtrees[:-1]):
            root = node_hash(subtree, root)
        return root


def root_by_path(leaf, index, size, path):
    """RFC 9162 section 2.1.3.2; None when the path has a wrong length."""
    last, root = size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            root = node_hash(step, root)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            root = node_hash(root, step)
        index >>= 1
        last >>= 1
    return root if last == 0 else None


# ---- signed heads ----

def der_integer(number):
    number = number.lstrip(b"\x00") or b"\x00"
    if number[0] & 0x80:
        number = b"\x00" + number
    return b"\x02" + bytes([len(number)]) + number


def check_head(head, account, key):
    text = "tokenhouse tree head\n%s\n%d\n%s\n%s\n" % (
        account, head["size"], head["root"], head["at"])
    raw = unbase64(head["signature"])
    body = der_integer(raw[:32]) + der_integer(raw[32:])
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\x30" + bytes([len(body)]) + body)
        file.flush()
        done = subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", key, "-signature", file.name],
            input=text.encode(), capture_output=True, check=False)
    if len(raw) != 64 or done.returncode != 0:
        raise Wrong("the head over %d events of %s is not signed by this key"
                    % (head["size"], head["at"]))


# ---- the two kinds of evidence ----

def check_export(key, events, proof, more):
    heads = sorted(proof["heads"] + more, key=lambda head: (head["size"], head["at"]))
    for head in heads:
        check_head(head, proof["account"], key)
    tree = Tree(proof["eventsBefore"], [unbase64(text) for text in proof["before"]])
    heads = [head for head in heads if head["size"] > tree.size]
    held, good = 0, tree.size
    with open(events, "rb") as lines:
        for line in lines:
            line = line.strip()
            found = leaf_hash(line[:-TAIL] + b"}")
            try:
                event = json.loads(line)
                number, kept = event["id"], unbase64(event["hash"])
            except (ValueError, KeyError, TypeError):
                number, kept = tree.size + 1, None
            if number != tree.size + 1:
                raise Wrong("event %d is missing or out of its place" % (tree.size + 1))
            if found != kept:
                raise Wrong("event %d is not as it was written" % number)
            tree.add(found)
            while heads and heads[0]["size"] == tree.size:
                head = heads.pop(0)
                if tree.root() != unbase64(head["root"]):
                    raise Wrong("events %d to %d are not those that were signed at %s"
                                % (good + 1, tree.size, head["at"]))
                held, good = held + 1, tree.size
    if heads:
        raise Wrong("the history ends after event %d, but at %s it had %d: its end was cut off"
                    % (tree.size, heads[0]["at"], heads[0]["size"]))
    return "%d events as written, %d signed heads hold, the newest over %d events" % (
        tree.size - proof["eventsBefore"], held, good)


def check_one(key, proof):
    head, index = proof["head"], proof["index"]
    check_head(head, proof["account"], key)
    root = root_by_path(leaf_hash(proof["line"].encode()), index, head["size"],
                        [unbase64(text) for text in proof["proof"]])
    if not 0 <= index < head["size"] or root != unbase64(head["root"]):
        raise Wrong("the line is not event %d of the history that was signed" % (index + 1))
    return "event %d is in the history of %d events that was signed" % (index + 1, head["size"])


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def load_heads(path):
    """All heads in a text. A saved letter breaks long lines by "=" at their end."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read().replace("=\r\n", "").replace("=\n", "")
    heads = re.findall(r'\{[^{}]*"signature"[^{}]*\}', text)
    if not heads:
        raise ValueError("no signed head is in '%s'" % path)
    return [json.loads(head) for head in heads]


def main(words):
    if len(words) < 2:
        print(__doc__)
        return 2
    try:
        if len(words) == 2:
            print(check_one(words[0], load(words[1])))
        else:
            print(check_export(words[0], words[1], load(words[2]),
                               [head for path in words[3:] for head in load_heads(path)]))
        return 0
    except Wrong as wrong:
        print("WRONG: %s" % wrong)
        return 1
    except (OSError, ValueError, KeyError, TypeError) as fault:
        print("cannot be read: %s" % fault)
        return 1


sys.exit(main(sys.argv[1:]))
