"""Entries in files: JSON lines, which hold everything, and the CSV of Cloudflare's dashboard, which holds two columns.

CSV (RFC 4180): the header Display_Name,Email as Cloudflare's documentation has it, in any case, with a space or an
underscore; several addresses stand in one quoted cell, separated by commas. Read as UTF-8 with or without a byte order
mark, lines ending in CRLF or LF, white space around a cell dropped. A cell that begins with =, +, - or @ is written as
it is, although a spreadsheet may take it for a formula: changed, it would be another name when it is imported again.

A line that breaks a rule is given back with its faults; what becomes of the others is for the caller to say.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

import orjson

from sosie.registry.entry import Entry, EntryFields, read_new_entry
from sosie.registry.errors import Fault, InvalidFields
from sosie.registry.provenance import is_directory_synced

SUFFIXES = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
FORMATS = ("csv", "jsonl")
CSV_HEADER = b"Display_Name,Email\r\n"
HEADER = ("display_name", "email")
FORMULA = ("=", "+", "-", "@")

_TO_BE_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class UnusableFile(Exception):
    """The file as a whole cannot be read; `line` is where that shows."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class Line(NamedTuple):
    """One entry of a file: the number of the line that it begins on, and its fields or what is wrong with them."""

    number: int
    fields: EntryFields | None
    faults: tuple[Fault, ...] = ()


def read_lines(document: bytes, form: str) -> Iterator[Line]:
    """The entries of a file, good and bad. Raises UnusableFile."""
    if document[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UnusableFile(1, "the file is UTF-16: save it as UTF-8")
    document = document.removeprefix(b"\xef\xbb\xbf")
    return _read_csv(document) if form == "csv" else _read_json_lines(document)


def _read_json_lines(document: bytes) -> Iterator[Line]:
    for number, line in enumerate(document.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            yield _read_fields(number, orjson.loads(line))
        except orjson.JSONDecodeError as error:
            yield _bad(number, f"the line is not JSON: {error.msg} at column {error.colno}")


def _read_csv(document: bytes) -> Iterator[Line]:
    text = document.decode("utf-8", "surrogateescape")
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True)
    header_read = False
    while True:
        number = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            break
        except csv.Error as error:
            cells = []
            yield _bad(number, f"the quotes of this row cannot be read: {error}")
        if not any(cells):
            continue
        if not header_read:
            _check_header(number, cells)
            header_read = True
        elif any(map(_SURROGATE.search, cells)):
            yield _bad(number, "the row is not UTF-8: save the file as CSV UTF-8")
        elif len(cells) != len(HEADER):
            yield _bad(number, f"the row has {_cells(len(cells))} instead of 2; an email with commas stands in quotes")
        else:
            yield _read_fields(number, {"name": cells[0], "email": cells[1], "is_email_regex": False})
    if not header_read:
        raise UnusableFile(1, "the first line must be Display_Name,Email; the file is empty")


def _check_header(number: int, cells: list[str]) -> None:
    found = tuple(cell.casefold().replace(" ", "_") for cell in cells)
    if found == HEADER:
        return
    if found[:2] == HEADER:
        reason = (
            f"the header has {len(cells)} columns; exactly two are taken, Display_Name,Email (JSON lines hold more)"
        )
    elif len(cells) == 1 and cells[0].count(";") == 1:
        reason = "the header must be Display_Name,Email: separated by a comma, not by a semicolon"
    else:
        shown = ",".join(cells)
        reason = f"the first line must be Display_Name,Email, not {shown if len(shown) <= 60 else shown[:59] + '…'!r}"
    raise UnusableFile(number, reason)


def _read_fields(number: int, document: object) -> Line:
    try:
        return Line(number, read_new_entry(document))
    except InvalidFields as error:
        return Line(number, None, tuple(error.faults))


def _bad(number: int, message: str) -> Line:
    return Line(number, None, (Fault("", message),))


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def to_csv(entry: Entry) -> bytes:
    """An entry as a row, with what CSV has no place for left out."""
    return f"{_cell(entry.name)},{_cell(entry.email)}\r\n".encode()


def to_json_line(entry: Entry) -> bytes:
    """An entry as the wire shows it, in one line."""
    from sosie.api.impersonation_registry import to_wire

    return orjson.dumps(to_wire(entry), option=orjson.OPT_APPEND_NEWLINE)


def lost_in_csv(entry: Entry) -> tuple[str, ...]:
    """The fields that would not come back from CSV. A provenance of null counts as A1S_INTERNAL, as everywhere."""
    lost = [
        name
        for name in ("comments", "directory_id", "directory_node_id", "external_directory_node_id")
        if getattr(entry, name) is not None
    ]
    if entry.is_email_regex:
        lost.append("is_email_regex")
    if is_directory_synced(entry.provenance):
        lost.append("provenance")
    lost += [name for name in ("name", "email") if getattr(entry, name) != getattr(entry, name).strip()]
    return tuple(lost)


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _TO_BE_QUOTED.search(text) else text
