"""Recorded messages: list, get, detections, raw, trace, action log; reclassify and release. Cloudflare API, "Email
Security", `investigate`.

What needs an integration with mailboxes is refused with the reason: moving, and jobs that move or release many.
"""

from __future__ import annotations

import re
from typing import Any

from sosie.access.permissions import ANY_EMAIL, EMAIL_WRITERS
from sosie.api.call import Call
from sosie.api.envelope import Answer
from sosie.api.errors import NotKept, NotPossible, RecordNotFound
from sosie.api.impersonation_registry import DEPRECATED
from sosie.api.investigate_query import LABELS, LIST_PARAMETERS, from_cursor, to_record_query
from sosie.api.investigate_view import DELIVERY, recipients_of, to_action_log, to_detections, to_message, to_trace
from sosie.api.parameters import Parameter
from sosie.api.routes import Route
from sosie.detection.actions import QUARANTINE
from sosie.detection.record import Record
from sosie.registry.errors import Fault, InvalidFields
from sosie.registry.fields import Field, read_fields
from sosie.store import records
from sosie.store.database import Session
from sosie.store.record_pages import RecordPage, page
from sosie.store.records import Kept

TAG = "Email Security"
PATH = "/accounts/{account_id}/email-security/investigate"
ITEM = PATH + "/{investigate_id}"
MAX_ID = 200  # characters: ours are 21
MAX_IDS = 1000  # of one request
MAX_WITH_EML = 16 << 20  # octets of JSON: clients send the message along, attachments included

# Queue ids, and what lets such a message go. Those of Sendmail are the time, a number and six digits; those of Postfix
# are short and hexadecimal or long with a z (enable_long_queue_ids). What a client of the API calls so may be anything,
# and a person types what is said here into a shell.
_RELEASING = (
    (re.compile(r"(?![0-9A-F]+$)[0-9A-Za-x]{8}[0-9]{6}"), "sendmail -qQ -Q -qI{0} && sendmail -qI{0}"),
    (re.compile(r"[0-9A-Za-z]{1,64}"), "postsuper -H {0}"),
)

NO_MAILBOXES = (
    "Messages cannot be moved: that needs an integration with the mailboxes, and sosie stands before them, on the way "
    "of mail"
)
NO_RAW = "The message itself is not kept: SOSIE_RECORD_RAW says how many octets of each are"
NO_PREVIEW = "There is no picture of a message: its body is not kept"
HELD = 1011  # the code of what a release cannot do, in `messages`

GET_PARAMETERS = (
    Parameter("submission", "boolean", "Means nothing: submissions are not kept apart from messages.", default=False),
)
RECLASSIFY_FIELDS = (
    Field("expected_disposition", "string", "The disposition the message should have; NONE for a false positive.",
          required=True, choices=LABELS, example="NONE"),
    Field("eml_content", "string", "The message, base64-encoded; it is not looked at."),
    Field("escalated_submission_id", "string", "Ignored: there are no submissions of others."),
)  # fmt: skip


async def list_messages(call: Call) -> Answer:
    """A page of messages, newest first."""
    given = call.query(LIST_PARAMETERS)
    query = to_record_query(given)
    found = RecordPage([], None, None) if query is None else await page(call.services.database, call.account_no, query)
    info = {
        "count": len(found.records),
        "next": from_cursor(found.older),
        "per_page": given["per_page"],
        "previous": from_cursor(found.newer),
        "total_count": 0,  # deprecated: the wire says that it always is
    }
    return Answer([to_message(one) for one in found.records], info=info, headers=DEPRECATED)


async def get_message(call: Call) -> Answer:
    """One message."""
    call.query(GET_PARAMETERS)
    return Answer(to_message(await _read(call)), headers=DEPRECATED)


async def get_detections(call: Call) -> Answer:
    """What was found in a message."""
    return Answer(to_detections(await _read(call)))


async def get_trace(call: Call) -> Answer:
    """The way of a message."""
    return Answer(to_trace(await _read(call)))


async def get_action_log(call: Call) -> Answer:
    """What people did with a message."""
    return Answer(to_action_log(await _read(call)))


async def get_raw(call: Call) -> Answer:
    """The beginning of a message as it came, where that is kept."""
    kept = await _read(call)
    raw = await records.raw(call.services.database.reader, call.account_no, kept.record.id)
    if raw is None:
        raise NotKept(NO_RAW)
    return Answer({"raw": raw.decode("utf-8", "replace")})


async def get_preview(call: Call) -> Answer:
    """There is none."""
    await _read(call)
    raise NotKept(NO_PREVIEW)


async def create_preview(call: Call) -> Answer:
    """There is none."""
    document = await call.json()
    given = document.get("id", document.get("postfix_id")) if isinstance(document, dict) else None
    if not isinstance(given, str):
        raise InvalidFields([Fault("/id", "id is required, and must be a string")])
    raise NotKept(NO_PREVIEW)


async def move_message(call: Call) -> Answer:
    """Refused."""
    await call.json()
    await _read(call)
    raise NotPossible(NO_MAILBOXES)


async def move_messages(call: Call) -> Answer:
    """Refused."""
    await call.json()
    raise NotPossible(NO_MAILBOXES)


async def reclassify(call: Call) -> Answer:
    """Let another disposition hold. The verdict as it was is kept beside it."""
    wanted = read_fields(RECLASSIFY_FIELDS, await call.json(MAX_WITH_EML))["expected_disposition"]
    identifier = _path_id(call)
    deed = call.deed()
    if not await call.services.database.write(
        lambda session: records.reclassify(session, call.account_no, identifier, wanted, deed)
    ):
        raise RecordNotFound
    return Answer({}, status=202)


async def release(call: Call) -> Answer:
    """Note that messages are wanted, and say how to get them out of the mail server's queue."""
    identifiers = _read_ids(await call.json())
    deed = call.deed()

    async def work(session: Session) -> list[Kept | None]:
        found = [await records.read(session, call.account_no, one) if _may_be(one) else None for one in identifiers]
        for kept in found:
            if kept is not None and kept.record.action == QUARANTINE:
                await records.note_release(session, call.account_no, kept.record.id, deed)
        return found

    found = await call.services.database.write(work)
    told = [released(identifier, kept) for identifier, kept in zip(identifiers, found, strict=True)]
    return Answer([one for one, _ in told], messages=tuple({"code": HELD, "message": text} for _, text in told))


def released(identifier: str, kept: Kept | None) -> tuple[dict[str, Any], str]:
    """What became of the release of one message, and the sentence about it."""
    wire: dict[str, Any] = {"delivered": [], "failed": [], "id": identifier, "undelivered": []}
    if kept is None:
        return wire | {"failed": [identifier]}, f"{identifier[:MAX_ID]}: there is no message with this id"
    record = kept.record
    wire["postfix_id"] = record.arrival.queue_id or record.id
    if record.action != QUARANTINE:
        became = "delivered" if DELIVERY[record.action] == "delivered" else "failed"
        return wire | {became: recipients_of(record)}, f"{record.id}: it was not put aside ({record.action})"
    return wire | {"undelivered": recipients_of(record)}, f"{record.id}: {where_it_waits(record)}"


def where_it_waits(record: Record) -> str:
    """Where a message that was put aside is, and what lets it go."""
    queue_id = record.arrival.queue_id
    commands = (f"`{command.format(queue_id)}`" for form, command in _RELEASING if form.fullmatch(queue_id))
    how = next(commands, "the tool of that server")
    return f"it waits in the queue of the mail server, where {how} lets it go"


async def _read(call: Call) -> Kept:
    kept = await records.read(call.services.database.reader, call.account_no, _path_id(call))
    if kept is None:
        raise RecordNotFound
    return kept


def _path_id(call: Call) -> str:
    identifier = call.path[1]
    if not _may_be(identifier):
        raise RecordNotFound
    return identifier


def _may_be(identifier: str) -> bool:
    """Whether a database can be asked for it."""
    return len(identifier) <= MAX_ID and "\0" not in identifier and identifier.isprintable()


def _read_ids(document: Any) -> list[str]:
    """The ids, alone or as `ids` of an object: older and newer clients differ."""
    pointer = "/ids" if isinstance(document, dict) else ""
    given = document.get("ids") if isinstance(document, dict) else document
    if type(given) is not list or not all(type(one) is str for one in given):
        raise InvalidFields([Fault(pointer, "ids must be an array of strings")])
    if len(given) > MAX_IDS:
        raise InvalidFields([Fault(pointer, f"ids must be at most {MAX_IDS}, not {len(given)}")])
    return list(dict.fromkeys(given))


ROUTES = (
    Route("GET", PATH, list_messages, "email_security_investigate", "Search email messages",
          "Returns recorded messages, newest first.",
          TAG, result="Message", needs=ANY_EMAIL, parameters=LIST_PARAMETERS, paged=True, info="CursorInfo"),
    Route("POST", PATH + "/move", move_messages, "email_security_post_bulk_move", "Move multiple messages",
          "Always refused: " + NO_MAILBOXES + ".", TAG, result="Move", needs=EMAIL_WRITERS, body="MoveMany", many=True),
    Route("POST", PATH + "/preview", create_preview, "email_security_post_preview", "Preview for a message",
          "Always refused: " + NO_PREVIEW + ".", TAG, result="Preview", needs=EMAIL_WRITERS, body="PreviewOf"),
    Route("POST", PATH + "/release", release, "email_security_post_release", "Release messages from quarantine",
          "Notes that messages are wanted. They wait in the queue of the mail server: `undelivered` names their "
          "recipients, and `messages` says what to run there.",
          TAG, result="Release", needs=EMAIL_WRITERS, body="ReleaseIds", many=True),
    Route("GET", ITEM, get_message, "email_security_get_message", "Get message details",
          "Returns one recorded message.", TAG, result="Message", needs=ANY_EMAIL, parameters=GET_PARAMETERS),
    Route("GET", ITEM + "/action_log", get_action_log, "email_security_get_message_action_log",
          "Get message action log", "Returns what people did with a message, oldest first.",
          TAG, result="ActionLogLine", needs=ANY_EMAIL, many=True),
    Route("GET", ITEM + "/detections", get_detections, "email_security_get_message_detections",
          "Get message detection details", "Returns findings, the header, and what authentication said.",
          TAG, result="Detections", needs=ANY_EMAIL),
    Route("POST", ITEM + "/move", move_message, "email_security_post_message_move", "Move a message",
          "Always refused: " + NO_MAILBOXES + ".", TAG, result="Move", needs=EMAIL_WRITERS, body="MoveOne", many=True),
    Route("GET", ITEM + "/preview", get_preview, "email_security_get_message_preview", "Get email preview",
          "Always 404: " + NO_PREVIEW + ".", TAG, result="Preview", needs=ANY_EMAIL),
    Route("GET", ITEM + "/raw", get_raw, "email_security_get_message_raw", "Get raw email content",
          "Returns the beginning of a message as it came; 404 where that is not kept.",
          TAG, result="Raw", needs=ANY_EMAIL),
    Route("POST", ITEM + "/reclassify", reclassify, "email_security_post_reclassify", "Change email classification",
          "Lets another disposition hold: NONE for a false positive. What was found stays beside it.",
          TAG, result="Accepted", needs=EMAIL_WRITERS, body="Reclassification", status=202),
    Route("GET", ITEM + "/trace", get_trace, "email_security_get_message_trace", "Get email trace",
          "Returns what the hosts on the way wrote into the message, the verdict, and what people did since.",
          TAG, result="Trace", needs=ANY_EMAIL),
)  # fmt: skip
