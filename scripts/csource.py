# SPDX-License-Identifier: GPL-2.0
"""Reads C sources as far as checks of the tree's structure need: which files there are, what they include, define
and use. It is no compiler: it leans on the kernel's style, and on macros not hiding definitions."""

import os
import re

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)
# A comment, string or character: what begins first hides the others.
TEXT = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)
# Names that stand alone: not members, labels of initializers or parts of numbers.
NAME = re.compile(r"(?<!->)(?<![.\w])[A-Za-z_]\w*")
# The outline of one with its body; behind its arguments may stand notes for sparse.
FUNCTION = re.compile(r"\)[\w\s()]*\{\}$")
SPDX = "/* SPDX-License-Identifier: GPL-2.0 */\n"


def sources(top, *folders):
    """Path from the top and text of all C files below some folders, in order."""
    for folder in folders:
        for where, dirs, names in os.walk(os.path.join(top, folder)):
            dirs.sort()
            for name in sorted(names):
                if name.endswith((".c", ".h")) and not name.endswith(".mod.c"):
                    path = os.path.join(where, name)
                    with open(path, errors="replace") as f:
                        yield os.path.relpath(path, top), f.read()


def stem(name):
    return os.path.basename(name).rsplit(".", 1)[0]


def includes(text):
    """Pairs: is it in quotes, and the name."""
    bare = TEXT.sub(lambda m: " " if m[0][0] == "/" else m[0], text)
    return [(kind == '"', name) for kind, name in INCLUDE.findall(bare)]


def code(text):
    """The text without comments, and with all strings empty."""
    return TEXT.sub(lambda m: {"/": " ", '"': '""', "'": "0"}[m[0][0]], text)


def declarations(text):
    """Pairs for what stands outside of braces: a declaration, in which each pair of braces is left as {}, and what was
    in them. A function ends with its body, everything else with a semicolon."""
    braces, parens, outline, inner = 0, 0, "", ""
    for part in re.split(r"([{}();])", DIRECTIVE.sub("", code(text))):
        braces += {"{": 1, "}": -1}.get(part, 0)
        if braces or part in "{}":
            inner += part + " "
            if braces or part != "}":
                continue
            part = "{}"
        parens += {"(": 1, ")": -1}.get(part, 0)
        outline += part
        if not parens and (part == ";" or part == "{}" and FUNCTION.search(outline)):
            yield outline.strip(" \t\n;"), inner
            outline = inner = ""
    if braces or parens:
        raise ValueError("braces do not match; what stands in each branch of an #if must be whole")


def defined(text):
    """Functions and variables that it defines, in two sets: for all files, and static ones."""
    everywhere, here = set(), set()
    for outline, _ in declarations(text):
        if re.match(r"(typedef|extern)\b|(struct|union|enum)\s+\w+\s*(\{\})?$", outline):
            continue
        head = outline.split("=")[0]
        if FUNCTION.search(head):
            name = re.search(r"(\w+)\s*\(", head)
        else:
            name = None if "(" in head else re.search(r"(\w+)\s*(\[[^]]*\]\s*)*$", head)
        if name:
            (here if re.search(r"\bstatic\b", head) else everywhere).add(name[1])
    return everywhere, here


def used(text):
    """Names that stand alone in bodies of functions and in initializers, and not in mere declarations."""
    names = set()
    for outline, inner in declarations(text):
        head, _, value = outline.partition("=")
        if value or FUNCTION.search(head):
            names.update(NAME.findall(value + inner))
    return names


def plant(top, files):
    """Writes files (name: text), to see whether a check finds what is wrong with them."""
    for path, text in files.items():
        os.makedirs(os.path.join(top, os.path.dirname(path)), exist_ok=True)
        with open(os.path.join(top, path), "w") as f:
            f.write(SPDX + text)
