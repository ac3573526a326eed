"""`POST /checkv2` as rspamd's clients ask it (rspamd documentation, "Protocol"): what comes of the message is in the
headers of the request, the message is its body, the answer a JSON object without our envelope.

The credential is a token, as everywhere, or stands in the header `Password`, where those clients put theirs. The
account is the only one that the credential reaches, or the one named in the header `Settings-ID`.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import orjson

from sosie.access.errors import Forbidden
from sosie.access.permissions import ANY_EMAIL
from sosie.api.call import Call
from sosie.api.envelope import Plain
from sosie.api.routes import Route
from sosie.api.screen import judged, read_beginning
from sosie.api.screen_body import MAX_RECIPIENTS, Asked
from sosie.detection.actions import ACCEPT, QUARANTINE, REJECT, TAG, TEMPFAIL
from sosie.detection.arrival import Arrival
from sosie.detection.exemptions import Envelope
from sosie.detection.verdict import NONE, Finding
from sosie.screening.gate import Screened

_ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")

REQUIRED = 15.0  # what rspamd's own configuration rejects at: our score of 1 is as much

# What rspamd calls it. It has no word for putting aside: `add header` marks the message.
_ACTIONS = {ACCEPT: "no action", TAG: "add header", QUARANTINE: "add header", TEMPFAIL: "soft reject",
            REJECT: "reject"}  # fmt: skip


async def check(call: Call) -> Plain:
    """Judge a message for a client of rspamd."""
    account_id = _account(call)
    if not call.caller.may(account_id, ANY_EMAIL):
        raise Forbidden
    call.path = (account_id,)
    envelope = Envelope(
        _header(call, b"from").strip("<>"),
        _recipients(call),
        _header(call, b"ip"),
        _header(call, b"hostname"),
    )
    arrival = Arrival(
        "http", envelope, _header(call, b"helo"), _header(call, b"queue-id"), bool(_header(call, b"user"))
    )
    raw, hashes = await read_beginning(call, arrival)
    screened = await judged(call, Asked(raw, arrival, record=False, hashes=hashes))
    return Plain(orjson.dumps(to_wire(screened) if screened.verdict else _SKIPPED))


def to_wire(screened: Screened) -> dict[str, Any]:
    """The verdict as rspamd answers."""
    verdict = screened.verdict
    assert verdict is not None  # noqa: S101 - `judged` has seen to it
    symbols: dict[str, Any] = {}
    for points, finding in sorted(((_points(one), one) for one in verdict.findings), key=lambda one: -one[0]):
        name = f"SOSIE_{finding.name.upper()}"
        symbol = symbols.setdefault(
            name, {"name": name, "score": points, "metric_score": points, "description": finding.reason, "options": []}
        )
        symbol["options"].append(finding.detail)
    return {
        "is_skipped": False,
        "score": max((symbol["score"] for symbol in symbols.values()), default=0.0),
        "required_score": REQUIRED,
        "action": _ACTIONS[screened.action],
        "symbols": symbols,
        "messages": {"disposition": verdict.disposition},
        "message-id": verdict.message_id.strip("<>"),
    }


def _points(finding: Finding) -> float:
    """What a finding adds. A remark, or what is exempted, adds nothing: whoever asks goes by the points."""
    return 0.0 if finding.detection == NONE else round(finding.score * REQUIRED, 2)


_SKIPPED = {"is_skipped": True, "score": 0.0, "required_score": REQUIRED, "action": "no action", "symbols": {},
            "messages": {}}  # fmt: skip


def _account(call: Call) -> str:
    named = _header(call, b"settings-id")
    if named:
        if not _ACCOUNT_ID.fullmatch(named):
            raise Forbidden
        return named
    accounts, every = call.caller.accounts()
    if every or len(accounts) != 1:
        raise Forbidden
    return next(iter(accounts))


def _recipients(call: Call) -> tuple[str, ...]:
    """One in each header `Rcpt`, or several with commas between: proxies join headers of one name (RFC 9110, 5.3)."""
    texts = b",".join(value for name, value in call.scope["headers"] if name == b"rcpt").split(b",")
    found = (_text(text).strip(" \t<>") for text in texts[:MAX_RECIPIENTS])
    return tuple(filter(None, found))


def _header(call: Call, name: bytes) -> str:
    return _text(call.headers.get(name, b""))


def _text(value: bytes) -> str:
    """A value as it stands (an address may be internationalised: RFC 6532), or percent-encoded."""
    return unquote(value.decode("utf-8", "replace"))


ROUTES = (
    Route("POST", "/checkv2", check, "sosie_checkv2", "Judge a message for a client of rspamd",
          "Takes a message as rspamd's /checkv2 does and answers in its form.", "", counted=False,
          patient=True, password=True),
)  # fmt: skip
