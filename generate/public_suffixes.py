"""Writes src/sosie/likeness/tables/public_suffixes.py from the list that the package publicsuffixlist carries.

    python generate/public_suffixes.py

Run it again when there is a new release of the package, which has one every few days.
"""  # noqa: INP001 - a program, not a package

from __future__ import annotations

import re
from importlib import metadata, resources
from pathlib import Path

TABLE = Path(__file__).parents[1] / "src/sosie/likeness/tables/public_suffixes.py"
WIDTH = 108  # characters of a line of data
DOCSTRING = '''"""The rules of the Public Suffix List, https://publicsuffix.org/list/, without comments, as A-labels.

Version {version}, commit {commit}, both sections, from the package
publicsuffixlist {package}. `EXACT` are the rules that name a public suffix, `WILDCARD` what stands behind `*.`,
`EXCEPTIONS` what stands behind `!`, each divided by blanks; `MOST_LABELS` is how many labels the longest rule has.

This file is subject to the terms of the Mozilla Public License, v. 2.0, SPDX MPL-2.0, as the list itself is. If a copy
of the MPL was not distributed with this file, you can obtain one at https://mozilla.org/MPL/2.0/. Written by
generate/public_suffixes.py: not to be changed by hand.
"""

from __future__ import annotations

'''


def rules(text: str) -> list[str]:
    """The rules in their order, as publicsuffix.org/list, "format", says: what stands before the first white space."""
    lines = (line.split(maxsplit=1)[0] for line in text.splitlines() if line.strip())
    return [line.lower() for line in lines if not line.startswith("//")]


def a_labels(rule: str) -> str:
    """The rule's domain with A-labels for U-labels."""
    return ".".join(label if label.isascii() else label.encode("idna").decode("ascii") for label in rule.split("."))


def constant(name: str, words: list[str]) -> str:
    """Words in one string, in lines of bearable length."""
    lines, line = [], ""
    for word in words:
        if line and len(line) + len(word) > WIDTH:
            lines.append(line)
            line = ""
        line += f"{word} "
    lines.append(line.rstrip())
    return f"{name} = (\n" + "".join(f'    "{one}"\n' for one in lines) + ")\n"


def document() -> str:
    """The whole file."""
    text = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text(encoding="utf-8")
    version, commit = (re.search(rf"// {name}: (\S+)", text) for name in ("VERSION", "COMMIT"))
    if not version or not commit:
        raise SystemExit("the list does not say of which version it is")
    found = list(map(a_labels, rules(text)))
    head = DOCSTRING.format(version=version[1], commit=commit[1], package=metadata.version("publicsuffixlist"))
    return head + "\n".join(
        (
            constant("EXACT", [one for one in found if not one.startswith(("*.", "!"))]),
            constant("WILDCARD", [one[2:] for one in found if one.startswith("*.")]),
            constant("EXCEPTIONS", [one[1:] for one in found if one.startswith("!")]),
            f"MOST_LABELS = {max(one.count('.') + 1 for one in found)}\n",
        )
    )


if __name__ == "__main__":
    TABLE.write_text(document(), encoding="utf-8")
