"""A record as one line of JSON, and back: how it waits on disk for a database that is away."""

from __future__ import annotations

import base64

import orjson

from sosie.detection.record import Record
from sosie.store.record_document import from_documents, to_documents

Kept = tuple[str, Record]  # the account's id, and the record


class NotARecord(ValueError):
    """The line was torn, or is something else."""


def to_line(kept: Kept) -> bytes:
    """One line, with its end."""
    account_id, record = kept
    document, header = to_documents(record)
    line = {
        "account": account_id,
        "id": record.id,
        "at": record.at,
        "action": record.action,
        "document": document,
        "header": header,
        "raw": base64.b64encode(record.raw).decode(),
    }
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def from_line(line: bytes) -> Kept:
    """The record of a line. Raises NotARecord."""
    try:
        read = orjson.loads(line)
        record = from_documents(read["id"], read["at"], read["action"], read["document"], read["header"])
        return read["account"], record._replace(raw=base64.b64decode(read["raw"], validate=True))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotARecord(f"{type(error).__name__}: {error}") from None
