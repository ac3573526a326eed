"""A record as a JSON document, and back: what is kept of it besides the columns that are filtered by."""

from __future__ import annotations

from typing import Any, TypeVar

import orjson

from sosie.detection.arrival import Arrival
from sosie.detection.exemptions import Envelope
from sosie.detection.record import Party, Record
from sosie.detection.verdict import Exemption, Finding, Verdict

T = TypeVar("T")
_COLUMNS = ("id", "at", "action", "header", "raw")  # what stands beside the document


def to_documents(record: Record) -> tuple[str, str]:
    """The document of a record, and that of its header."""
    values = {name: value for name, value in record._asdict().items() if name not in _COLUMNS}
    return _to_json(values), _to_json(record.header)


def from_documents(identifier: str, at: str, action: str, document: str, header: str = "[]") -> Record:
    """The record, without its raw octets. A later version's fields, which this one does not know, are left out."""
    values = orjson.loads(document)
    arrival, verdict = values["arrival"], values["verdict"]
    return Record(
        id=identifier,
        at=at,
        action=action,
        arrival=_made(Arrival, arrival, envelope=_made(Envelope, arrival["envelope"])),
        verdict=_made(
            Verdict,
            verdict,
            findings=tuple(_made(Finding, one) for one in verdict["findings"]),
            exemptions=tuple(_made(Exemption, one) for one in verdict["exemptions"]),
            pairs=tuple((entry_id, address) for entry_id, address in verdict["pairs"]),
        ),
        subject=values["subject"],
        author=_made(Party, values["author"]),
        reply_to=_made(Party, values["reply_to"]),
        to=tuple(_made(Party, one) for one in values["to"]),
        cc=tuple(_made(Party, one) for one in values["cc"]),
        date=values["date"],
        spf=values["spf"],
        dkim=values["dkim"],
        dmarc=values["dmarc"],
        header=tuple((name, value) for name, value in orjson.loads(header)),
    )


def _made(kind: type[T], values: dict[str, Any], **more: Any) -> T:
    """A NamedTuple of those of the values that it has a field for; JSON has no tuples."""
    fields = {name: values[name] for name in kind._fields if name in values} | more  # type: ignore[attr-defined]
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})


def _to_json(value: Any) -> str:
    try:
        return orjson.dumps(value, default=_as_object).decode()
    except TypeError:  # a lone surrogate: no JSON can hold one
        return orjson.dumps(_well_formed(value)).decode()


def _as_object(value: Any) -> dict[str, Any]:
    """A NamedTuple as an object; orjson asks for every tuple that is not a plain one."""
    fields: dict[str, Any] = value._asdict()
    return fields


def _well_formed(value: Any) -> Any:
    """The same with a question mark for each lone surrogate."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, tuple) and not hasattr(value, "_asdict"):
        return [_well_formed(one) for one in value]
    fields = _as_object(value) if isinstance(value, tuple) else value
    return {name: _well_formed(one) for name, one in fields.items()} if isinstance(fields, dict) else fields
