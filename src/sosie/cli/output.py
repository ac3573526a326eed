"""What is printed: tables and lists for people, JSON for machines.

Names and addresses are other people's text. In a table, characters that would steer the terminal, or that nobody could
see, are written as escapes. Width is counted in columns of the terminal: a CJK character takes two, a combining one
none (UAX 11). Text is cut only to fit a terminal (or COLUMNS); into a pipe it goes whole.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from unicodedata import category, combining, east_asian_width

import orjson

GAP = "  "
NARROWEST = 40  # columns that a table is fitted into at least
LEAST = 12  # columns that a column which gives way keeps
EASY = 24  # columns that it keeps before others are left out: most names and addresses fit
_HIDDEN = ("Cc", "Cf", "Zl", "Zp", "Cs")
_JOINERS = "\u200c\u200d"  # invisible, but spelling needs them in some scripts (RFC 5892, A.1 and A.2)


class Column(NamedTuple):
    """`gives_way`: may be cut to fit; `optional`: may be left out to fit."""

    title: str
    gives_way: bool = False
    optional: bool = False


class Table:
    """Rows that come in batches; the first batch decides how wide the columns are."""

    def __init__(self, *columns: Column) -> None:
        self._columns = columns
        self._available = _available()
        self._widths: list[int] | None = None

    def write(self, rows: Iterable[Sequence[str]]) -> None:
        """Print the rows, and before the first of them the titles."""
        cells = [[visible(text) for text in row] for row in rows]
        if self._widths is None:
            self._widths = _widths(self._columns, cells, self._available)
            if cells:
                self._print([column.title for column in self._columns], self._widths)
        for row in cells:
            self._print(row, self._widths)

    def _print(self, cells: Sequence[str], widths: Sequence[int]) -> None:
        shown = []
        for text, width in zip(cells, widths, strict=True):
            if width:
                fitted = text if self._available is None else cut(text, width)
                shown.append(fitted + " " * (width - columns_of(fitted)))
        print(GAP.join(shown).rstrip())


def write_fields(fields: Iterable[tuple[str, Any]]) -> None:
    """Print names and values, one pair a line; null is a dash."""
    shown = [(name, "-" if value is None else visible(str(value))) for name, value in fields]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        print(f"{name:{width}}{GAP}{value}")


def write_json(document: Any) -> None:
    """Print one JSON document and the end of the line."""
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))


def announce(text: str) -> None:
    """Say that something serves now, which it does whether anybody reads that or not."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered has nowhere to go


def note(text: str) -> None:
    """Say something about the output beside it, on standard error."""
    print(visible(text), file=sys.stderr)


def visible(text: str) -> str:
    """The text with an escape in place of every control, format or line-separating character."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if category(c) in _HIDDEN and c not in _JOINERS else c for c in text)


def cut(text: str, width: int) -> str:
    """The text, or as much of its beginning as fits into `width` columns with an ellipsis."""
    if columns_of(text) <= width:
        return text
    taken = 0
    for place, character in enumerate(text):
        taken += _columns_of_character(character)
        if taken > width - 1:
            return text[:place] + "…"
    return text


def columns_of(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return len(text) if text.isascii() else sum(map(_columns_of_character, text))


def _columns_of_character(character: str) -> int:
    if combining(character) or category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in ("W", "F") else 1


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _available() -> int | None:
    """Columns to fit into; None for no limit."""
    import shutil

    columns = shutil.get_terminal_size((0, 0)).columns  # COLUMNS, else the terminal's, else 0
    return max(NARROWEST, columns) if columns else None


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], available: int | None) -> list[int]:
    """Columns' widths; 0 for one that is left out."""
    widths = [
        max([columns_of(column.title), *(columns_of(row[place]) for row in rows)])
        for place, column in enumerate(columns)
    ]
    if available is None:
        return widths
    for place in reversed(range(len(columns))):
        eased = [min(width, EASY) if columns[i].gives_way else width for i, width in enumerate(widths)]
        if columns[place].optional and _total(eased) > available:
            widths[place] = 0
    giving = [place for place, column in enumerate(columns) if column.gives_way]
    while _total(widths) > available:
        widest = max(giving, key=lambda place: widths[place], default=None)
        if widest is None or widths[widest] <= LEAST:
            break
        widths[widest] -= 1
    return widths


def _total(widths: Sequence[int]) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + len(GAP) * (len(shown) - 1)
