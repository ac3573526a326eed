"""Judging messages over HTTP: one, many, or in the way in which clients ask rspamd."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson

from sosie.access.errors import Forbidden
from sosie.access.permissions import ANY_EMAIL, EMAIL_WRITERS
from sosie.api.call import Call
from sosie.api.envelope import Answer
from sosie.api.errors import AccountNotFound, NotJudged
from sosie.api.parameters import read_query
from sosie.api.routes import Route
from sosie.api.screen_body import ENVELOPE, QUERY, Asked, arrival_of, read_asked, read_many
from sosie.detection.arrival import Arrival
from sosie.registry.errors import Fault, InvalidFields
from sosie.screening.gate import Screened
from sosie.screening.telling import to_document
from sosie.screening.verifying.body_hash import NO_HASHES, BodyHashes, Hashes
from sosie.store.errors import NoSuchAccount

PATH = "/accounts/{account_id}/email-security/screen"
TAG = "Screening"
JSON = b"application/json"
FORM = b"multipart/form-data"
CODINGS = (b"content-encoding", b"compression")  # the second is that of clients of rspamd
MAX_MESSAGE = 128 << 20  # octets; some mail servers take 100 MiB. Of a message, its header section is kept
MAX_HEAD = 512 << 10  # octets that are kept: twice the longest header section that is looked at
MAX_BATCH_BODY = 16 << 20  # octets of JSON
MAX_BATCH = 1000  # messages: a tenth of a second
TURN = 20  # messages of a batch that are judged before others have their turn: some 2 ms
_UNSAID = read_query(QUERY, b"")
_BARE = arrival_of(_UNSAID)


async def screen_message(call: Call) -> Answer:
    """Judge one message."""
    values = call.query(QUERY) if call.scope["query_string"] else _UNSAID
    kind = _kind(call)
    if kind == FORM:
        raise NotJudged("it is in a form: send the message itself as the body")
    raw, hashes, document = b"", None, None
    if _is_json(kind):
        document = await call.object(MAX_BATCH_BODY)
    else:
        raw, hashes = await read_beginning(call, arrival_of(values))
        document = _json_in(raw) if hashes is None else None
    if document is None:
        asked = Asked(raw, arrival_of(values), values["record"], hashes)
    else:  # what stands in the query counts where the body says nothing of it
        asked = read_asked({"record": values["record"], "envelope": _said(values), **document})
    return Answer(to_wire(await judged(call, asked)))


def screen_at_once(call: Call, body: bytes) -> Answer | None:
    """The same for a message as it stands, where there is nothing to wait for."""
    services, account_id = call.services, call.account_id
    if services.verifying is not None or services.following.snapshot_of(account_id) is None:
        return None
    kind = _kind(call)
    if kind == FORM or _is_json(kind) or body.startswith(b"{") or CODINGS[0] in call.headers:
        return None
    arrival, record = _read_query(call)
    _see_to_permission(call, record=record)
    screened = services.gate.admit(account_id, body, arrival, record=record)  # it is shorter than what is kept
    return Answer(to_wire(_see_to_verdict(screened)))


def _kind(call: Call) -> bytes:
    return call.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()


def _is_json(kind: bytes) -> bool:
    return kind == JSON or kind.endswith(b"+json")


def _json_in(raw: bytes) -> dict[str, Any] | None:
    """The object that a body is, whatever type it is said to be of: `curl -d` says nothing of JSON. No message that
    somebody is author of is taken for one, since no line of JSON begins with `From:`."""
    if not raw.startswith(b"{"):
        return None
    try:
        document: dict[str, Any] = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return document


async def screen_batch(call: Call) -> Answer:
    """Judge many messages; one that cannot be judged has an error in the place of its verdict."""
    document = await call.json(MAX_BATCH_BODY)
    messages = document.get("messages") if isinstance(document, dict) else None
    if not isinstance(messages, list) or not 0 < len(messages) <= MAX_BATCH:
        raise InvalidFields([Fault("/messages", f"messages must be an array of 1 to {MAX_BATCH} objects")])
    asked = read_many(messages, "/messages")
    found: list[dict[str, Any]] = []
    for one in asked:
        try:
            found.append(to_wire(await judged(call, one)))
        except NotJudged as error:
            found.append({"error": str(error)})
        if len(found) % TURN == 0:
            await asyncio.sleep(0)
    return Answer(found)


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {one.name: list(values[one.name]) if one.many else values[one.name] for one in ENVELOPE}


def _read_query(call: Call) -> tuple[Arrival, bool]:
    """How a message came in, and whether it is recorded. Raises InvalidFields."""
    if not call.scope["query_string"]:
        return _BARE, False
    values = call.query(QUERY)
    return arrival_of(values), values["record"]


async def read_beginning(call: Call, arrival: Arrival) -> tuple[bytes, Hashes | None]:
    """As much of a message as is looked at, and where that is not all of it, the hashes of its body that are known.
    Raises NotJudged, BodyTooLarge."""
    if any(call.headers.get(name, b"").lower() not in (b"", b"identity") for name in CODINGS):
        raise NotJudged("the body is encoded: send it as it stands, without Content-Encoding")
    kept, verifying = max(MAX_HEAD, call.services.gate.raw_kept), call.services.verifying
    hashes: BodyHashes | None = None

    def go_on(beginning: bytes) -> Callable[[bytes], None] | None:
        nonlocal hashes
        if verifying is not None:
            hashes = verifying.hashes_of(call.account_id, beginning, arrival)
        return None if hashes is None else hashes.take

    raw = await call.beginning(kept, MAX_MESSAGE, MAX_HEAD, go_on)
    if len(raw) < kept:
        return raw, None
    return raw, NO_HASHES if hashes is None else hashes.finish()


async def judged(call: Call, asked: Asked) -> Screened:
    """The verdict, or none for what is ours. Raises Forbidden, AccountNotFound, NotJudged."""
    services = call.services
    _see_to_permission(call, record=asked.record)
    if services.following.snapshot_of(call.account_id) is None:
        try:
            await services.following.follow(call.account_id)
        except NoSuchAccount:
            raise AccountNotFound from None
    if services.verifying is None:
        screened = services.gate.admit(call.account_id, asked.raw, asked.arrival, record=asked.record)
    else:
        screened = await services.verifying.admit(
            call.account_id, asked.raw, asked.arrival, record=asked.record, hashes=asked.hashes
        )
    return _see_to_verdict(screened)


def _see_to_permission(call: Call, *, record: bool) -> None:
    if record and not call.caller.may(call.account_id, EMAIL_WRITERS):
        raise Forbidden


def _see_to_verdict(screened: Screened) -> Screened:
    if screened.fault:
        raise NotJudged(screened.fault.strip().rpartition("\n")[2] or "it cannot be judged")
    return screened


def to_wire(screened: Screened) -> dict[str, Any]:
    """The verdict as it is answered."""
    assert screened.verdict is not None  # noqa: S101 - `judged` has seen to it
    return {"action": screened.action, **to_document(screened.verdict), "record_id": screened.record_id or None}


ROUTES = (
    Route("POST", PATH, screen_message, "sosie_screen_message", "Judge a message",
          "Takes a message as it stands (message/rfc822; its header section is enough) with its envelope in the query, "
          "or JSON with `message` or `headers`, and `envelope`. Nothing is kept unless `record` is true.",
          TAG, result="Verdict", needs=ANY_EMAIL, body="MessageToJudge", parameters=QUERY, counted=False, patient=True,
          at_once=screen_at_once),
    Route("POST", f"{PATH}/batch", screen_batch, "sosie_screen_messages", "Judge many messages",
          "Takes up to 1,000 messages as JSON, and answers as many verdicts in the same order.",
          TAG, result="Verdict", needs=ANY_EMAIL, body="MessagesToJudge", many=True, counted=False, patient=True),
)  # fmt: skip
