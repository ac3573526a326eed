"""Fields as data: one table per resource says what may come in, and is what the OpenAPI document is made of.

`read_fields` names every invalid field, not only the first, because a person who repairs a request wants all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sosie.registry.errors import Fault, InvalidFields

Rule = Callable[[Mapping[str, Any]], Sequence[Fault]]

INT64 = 2**63  # both databases keep signed 64-bit integers, and so does the Go client
EXACT = 2**53  # up to here a float holds every integer (RFC 8259, 6)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a JSON object. `max_bytes` counts UTF-8, `max_length` characters; 0 means no such limit.

    An array holds strings, to each of which `not_blank`, the limits and `choices` apply; it is read as a tuple.
    `minimum` and `maximum` are those of an integer; both 0 means 64 bits.
    """

    name: str
    kind: Literal["string", "integer", "boolean", "array"]
    description: str
    required: bool = False
    nullable: bool = False
    not_blank: bool = False
    max_length: int = 0
    max_bytes: int = 0
    choices: tuple[str, ...] = ()
    example: Any = None
    deprecated: bool = False
    minimum: int = 0
    maximum: int = 0
    min_items: int = 0
    max_items: int = 0


def read_fields(
    table: Sequence[Field], document: Any, *, partial: bool = False, rule: Rule | None = None, closed: bool = False
) -> dict[str, Any]:
    """The fields of `table` that `document` holds, checked; keys that the table does not name are ignored, or, if
    `closed`, faults.

    `partial` is a merge: nothing is required, and at least one key must be there. `rule` looks at several fields
    together: it is given those that are valid by themselves, and its faults are named with the others.
    Raises InvalidFields with one Fault per invalid field; pointers are relative to `document`.
    """
    if not isinstance(document, Mapping):
        raise InvalidFields([Fault("", f"the body must be a JSON object, not {_json_type(document)}")])
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for field in table:
        if field.name in document:
            value, problem = _read_value(field, document[field.name])
            if problem:
                faults.append(Fault(f"/{field.name}", f"{field.name} {problem}"))
            else:
                values[field.name] = value
        elif field.required and not partial:
            faults.append(Fault(f"/{field.name}", f"{field.name} is required"))
    if closed:
        known = {field.name for field in table}
        faults.extend(Fault(_pointer(key), f"{key[:80]} is no field here") for key in document if key not in known)
    if partial and not document:
        faults.append(Fault("", "the body must name at least one field to change"))
    if rule is not None:
        faults.extend(rule(values))
    if faults:
        raise InvalidFields(faults)
    return values


def _read_value(field: Field, value: Any) -> tuple[Any, str]:
    """(value, "") or (None, what is wrong with it)."""
    if value is None:
        return None, "" if field.nullable else "must not be null"
    if field.kind == "string":
        return (value, _string_problem(field, value)) if type(value) is str else (None, _expected("a string", value))
    if field.kind == "boolean":
        return (value, "") if type(value) is bool else (None, _expected("a boolean", value))
    if field.kind == "array":
        return _read_array(field, value)
    return _read_integer(field, value)


def _read_integer(field: Field, value: Any) -> tuple[Any, str]:
    if type(value) is float and value.is_integer():
        # JSON knows numbers only: 1.0 is the integer 1 (JSON Schema, 6.1.1). The reader gives integers past 64 bits as
        # floats too, and those are no longer what the client wrote.
        value = int(value) if abs(value) <= EXACT else INT64
    if type(value) is not int:
        return None, _expected("an integer", value)
    if not -INT64 <= value < INT64:
        return None, "must be a 64-bit integer"
    if field.maximum and not field.minimum <= value <= field.maximum:
        return None, f"must be between {field.minimum} and {field.maximum}"
    return value, ""


def _read_array(field: Field, value: Any) -> tuple[Any, str]:
    if type(value) is not list:
        return None, _expected("an array", value)
    if not field.min_items <= len(value) <= field.max_items:
        return None, f"must hold {field.min_items} to {field.max_items} values, not {len(value)}"
    for place, one in enumerate(value):
        problem = _string_problem(field, one) if type(one) is str else _expected("a string", one)
        if problem:
            return None, f"holds a value, the one at {place}, that {problem}"
    return tuple(value), ""


def _string_problem(field: Field, text: str) -> str:
    if "\0" in text:
        return "must not contain a NUL character"
    try:
        size = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError:
        return "must not contain a lone surrogate"
    if field.max_length and len(text) > field.max_length:
        return f"must be at most {field.max_length} characters long, not {len(text)}"
    if field.max_bytes and size > field.max_bytes:
        return f"must be at most {field.max_bytes} bytes long, not {size}"
    if field.not_blank and not text.strip():
        return "must not be blank"
    if field.choices and text not in field.choices:
        return f"must be one of {', '.join(field.choices)}"
    return ""


def _pointer(key: str) -> str:
    """RFC 6901, 3."""
    return "/" + key[:80].replace("~", "~0").replace("/", "~1")


def _expected(what: str, value: Any) -> str:
    return f"must be {what}, not {_json_type(value)}"


def _json_type(value: Any) -> str:
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
        dict: "an object",
    }
    return "null" if value is None else names.get(type(value), "something else")
