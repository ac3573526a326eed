"""What a list of recorded messages may be asked for, and the query of the store that this is.

Cloudflare API, "Email Security", `email_security_investigate`. A cursor is a place in time and can be asked for as
long as anybody likes: a text that no answer has given is a place like any other. `page`, which is deprecated, counts
from the cursor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosie.api.parameters import Parameter, read_ip
from sosie.detection.actions import ACCEPT, QUARANTINE, REJECT, TAG, TEMPFAIL
from sosie.registry.fields import EXACT
from sosie.registry.moments import now_us, to_rfc3339
from sosie.store import record_words as words
from sosie.store.record_pages import Cursor, RecordQuery

MAX_TEXT = 1000  # characters of a filter: as much as is kept of what it is held against
MAX_CURSOR = 400
DAYS = 30  # how far a list goes back that says nothing of it: the wire's own
LABELS = ("MALICIOUS", "SUSPICIOUS", "SPOOF", "SPAM", "BULK", "NONE")
STATUSES = {"delivered": (ACCEPT, TAG), "quarantined": (QUARANTINE,), "rejected": (REJECT,), "deferred": (TEMPFAIL,)}
NEVER = ("moved", "bounced", "queued", "move_failed")  # what a screen on the way of mail does not do, or does not see
RELEASED = "QUARANTINE_RELEASED"

LIST_PARAMETERS = (
    Parameter("start", "string", f"The beginning of the search date range; {DAYS} days ago where absent.",
              is_moment=True),
    Parameter("end", "string", "The end of the search date range; now where absent.", is_moment=True),
    Parameter("query", "string", "Space-delimited beginnings of words, all of them in sender, recipients, subject or "
              "message ID, in any case.", max_length=MAX_TEXT, of_words=True),
    Parameter("detections_only", "boolean", "Whether to leave out messages whose disposition is NONE. Means nothing "
              "beside `final_disposition`.", default=True),
    Parameter("final_disposition", "string", "Only messages with this disposition; MALICIOUS includes MALICIOUS-BEC.",
              choices=LABELS),
    Parameter("metric", "string", "Means nothing: there is nothing to aggregate by.", max_length=MAX_TEXT),
    Parameter("message_action", "string", "Only messages with which this was done; only releases are ever asked for.",
              choices=("PREVIEW", RELEASED, "MOVED")),
    Parameter("recipient", "string", "Only messages to this address or domain, in the envelope, To or Cc.",
              max_length=MAX_TEXT),
    Parameter("sender", "string", "Only messages from this address or domain, in the envelope or From.",
              max_length=MAX_TEXT),
    Parameter("alert_id", "string", "Only the message of this alert.", max_length=MAX_TEXT),
    Parameter("domain", "string", "Only messages from or to this domain.", max_length=MAX_TEXT),
    Parameter("message_id", "string", "Only messages with this Message-ID.", max_length=MAX_TEXT),
    Parameter("subject", "string", "Only messages with words in the subject that begin with these, in any order.",
              max_length=MAX_TEXT, of_words=True),
    Parameter("smtp_helo_ip", "string", "Only messages that came from this address.", max_length=MAX_TEXT),
    Parameter("delivery_status", "string", "Only messages of which this became; deferred is what was put off.",
              choices=(*STATUSES, *NEVER)),
    Parameter("cursor", "string", "Where to go on: `next` or `previous` of an answer's `result_info`.",
              max_length=MAX_CURSOR),
    Parameter("per_page", "integer", "The number of results per page. Maximum value is 1000.",
              default=20, minimum=1, maximum=1000),
    Parameter("page", "integer", "Deprecated: use the cursor.", default=1, minimum=1, maximum=EXACT),
)  # fmt: skip


def to_record_query(given: Mapping[str, Any]) -> RecordQuery | None:
    """The query of the store; None where nothing can match."""
    if given["delivery_status"] in NEVER or given["message_action"] not in (None, RELEASED):
        return None
    return RecordQuery(
        start=given["start"] or to_rfc3339(now_us() - DAYS * 86_400_000_000),
        end=given["end"] or "",
        label=given["final_disposition"] or "",
        flagged=given["detections_only"],
        actions=STATUSES.get(given["delivery_status"], ()),
        released=given["message_action"] == RELEASED,
        id=given["alert_id"] or "",
        needles=tuple(_needles(given)),
        cursor=to_cursor(given["cursor"] or ""),
        most=given["per_page"],
        offset=(given["page"] - 1) * given["per_page"],
    )


def to_cursor(text: str) -> Cursor | None:
    """The place that a text names; None for the empty text."""
    at, _, identifier = text.removeprefix("~").partition("_")
    return Cursor(at, identifier, text.startswith("~")) if text else None


def from_cursor(cursor: Cursor | None) -> str | None:
    """The text that names a place."""
    return None if cursor is None else f"{'~' if cursor.back else ''}{cursor.at}_{cursor.id}"


def _needles(given: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What must be found, of each tuple one."""
    needles: list[tuple[str, ...]] = []
    if given["query"]:
        needles += words.of_query(given["query"])
    if given["subject"]:
        needles += [(needle,) for needle in words.of_subject(given["subject"])]
    if given["domain"]:
        needles.append(words.of_domain(given["domain"]))
    for name, needle_of in (
        ("sender", words.of_sender),
        ("recipient", words.of_recipient),
        ("message_id", words.of_message_id),
    ):
        if given[name]:
            needles.append((needle_of(given[name]),))
    if given["smtp_helo_ip"]:
        needles.append((words.of_ip(read_ip(given["smtp_helo_ip"])[0] or given["smtp_helo_ip"]),))
    return needles
