"""Query parameters as data: what a list may be asked for, read with every fault named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote_plus

from sosie.access.client_address import read_address
from sosie.registry.errors import Fault, InvalidFields
from sosie.registry.moments import from_rfc3339

LAST_PAGE = 2**31 - 1  # where nothing else bounds a page: past any list, and a number that every client can hold
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FRACTION = re.compile(r"\.([0-9]+)")
MAX_FIELDS = 1100  # parameters in one query: a thousand recipients of a message, and what is known of it besides


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter. Choices are taken in any case and read in the case given here; integers have both bounds.

    A moment (RFC 3339) is read as one of our own: in UTC, with six digits of a second. An IP address is read as it is
    usually written (RFC 5952); it may be empty.
    Of one `of_words`, what is no word does not count; if nothing else is there, the filter would be none.
    One with `many` may stand in the query several times: it is read as a tuple, empty where it is absent.
    """

    name: str
    kind: Literal["string", "integer", "boolean"]
    description: str
    default: Any = None
    minimum: int = 0
    maximum: int = 0
    max_length: int = 0
    choices: tuple[str, ...] = ()
    many: bool = False
    is_uuid: bool = False
    is_moment: bool = False
    is_ip: bool = False
    of_words: bool = False


def read_query(table: Sequence[Parameter], query: bytes) -> dict[str, Any]:
    """The values of `table`, defaults where a parameter is absent; what the table does not name is ignored.

    Raises InvalidFields; its pointers read /query/NAME.
    """
    pairs = _split(query) if query else []
    given = dict(pairs)  # of several of one name the last
    values: dict[str, Any] = {}
    faults = []
    for parameter in table:
        name = parameter.name
        if parameter.many:
            values[name], problem = _read_many(parameter, pairs)
        elif name in given:
            values[name], problem = _read_value(parameter, given[name])
        else:
            values[name] = parameter.default
            continue
        if problem:
            faults.append(Fault(f"/query/{name}", f"{name} {problem}"))
    if faults:
        raise InvalidFields(faults)
    return values


def _split(query: bytes) -> list[tuple[str, str]]:
    """Names and texts in their order (as urllib.parse.parse_qsl, which takes twice as long)."""
    pieces = query.decode("ascii", "replace").split("&")
    if len(pieces) > MAX_FIELDS:
        raise InvalidFields([Fault("/query", f"the query must name at most {MAX_FIELDS} parameters")])
    pairs = []
    for piece in filter(None, pieces):
        name, _, text = piece.partition("=")
        is_plain = "%" not in piece and "+" not in piece
        pairs.append((name, text) if is_plain else (unquote_plus(name), unquote_plus(text)))
    return pairs


def _read_many(parameter: Parameter, pairs: list[tuple[str, str]]) -> tuple[tuple[Any, ...], str]:
    read = [_read_value(parameter, text) for name, text in pairs if name == parameter.name]
    values, problems = zip(*read, strict=True) if read else ((), ())
    return values, next(filter(None, problems), "")


def _read_value(parameter: Parameter, text: str) -> tuple[Any, str]:
    if parameter.kind == "integer":
        return _read_integer(parameter, text)
    if parameter.choices or parameter.kind == "boolean":
        choices = parameter.choices or ("true", "false")
        for choice in choices:
            if choice.casefold() == text.casefold():
                return (choice == "true" if parameter.kind == "boolean" else choice), ""
        return None, f"must be one of {', '.join(choices)}"
    if "\0" in text:
        return None, "must not contain a NUL character"
    if parameter.max_length and len(text) > parameter.max_length:
        return None, f"must be at most {parameter.max_length} characters long, not {len(text)}"
    if parameter.is_uuid and not UUID.fullmatch(text):
        return None, "must be a UUID"
    if parameter.of_words and text.strip() and not any(map(str.isalnum, text)):
        return None, "must hold a letter or a digit"
    if parameter.is_ip:
        return read_ip(text)
    return _read_moment(text) if parameter.is_moment else (text, "")


def read_ip(text: str) -> tuple[str | None, str]:
    """An IP address, or what is wrong with it."""
    address = read_address(text.partition("%")[0]) if text else None
    return (None, "must be an IP address") if text and address is None else (str(address or ""), "")


def _read_moment(text: str) -> tuple[str | None, str]:
    try:
        moment = from_rfc3339(text)
    except ValueError as error:
        return None, f"is no moment: {error}"
    fraction = _FRACTION.search(text)
    return f"{moment[:-1]}.{fraction[1] if fraction else '':0<6.6}Z", ""


def _read_integer(parameter: Parameter, text: str) -> tuple[int | None, str]:
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 20:
        return None, "must be an integer" if len(digits) <= 20 else _bounds(parameter)
    value = int(text)
    inside = parameter.minimum <= value <= parameter.maximum
    return (value, "") if inside else (None, _bounds(parameter))


def _bounds(parameter: Parameter) -> str:
    return f"must be between {parameter.minimum} and {parameter.maximum}"
