"""The schemas of recorded messages, made of what the wire can say of them."""

from __future__ import annotations

from typing import Any

from sosie.api.investigate import MAX_ID, MAX_IDS, RECLASSIFY_FIELDS
from sosie.api.investigate_query import NEVER, STATUSES
from sosie.api.schemas import MOMENT, body_schema, whole

_TEXT: dict[str, Any] = {"type": "string"}
_OPTIONAL: dict[str, Any] = {"type": ["string", "null"]}
_NULL: dict[str, Any] = {"type": "null", "description": "Always null: it is not known."}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_OPTIONAL_MOMENT = {"type": ["string", "null"], "format": "date-time"}
_BOOLEAN: dict[str, Any] = {"type": "boolean"}
_RESULT = {"enum": ["pass", "neutral", "fail", "error", "none"]}
_DISPOSITION = {
    "enum": ["MALICIOUS", "MALICIOUS-BEC", "SUSPICIOUS", "SPOOF", "SPAM", "BULK", "ENCRYPTED", "EXTERNAL", "UNKNOWN",
             "NONE"]
}  # fmt: skip
_DESTINATION = {"enum": ["Inbox", "JunkEmail", "DeletedItems", "RecoverableItemsDeletions", "RecoverableItemsPurges"]}
_PATTERN_TYPE = {
    "enum": ["allowed_sender", "acceptable_sender", "allowed_recipient", "domain_similarity", None],
}

RECORD_ID = {
    "type": "string",
    "pattern": r"^[0-9A-Za-z:.-]+$",
    "minLength": 1,
    "maxLength": MAX_ID,
    "examples": ["65e3f1b2c4d5600000001"],
}


def _object(**properties: Any) -> dict[str, Any]:
    return whole({"type": "object", "properties": dict(sorted(properties.items()))})


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_FINDING = _object(
    attachment=_NULL,
    detail=_TEXT,
    detection=_DISPOSITION,
    field=_TEXT,
    name=_TEXT | {"description": "The technique."},
    portion=_TEXT | {"description": "The part of the value that deceives."},
    reason=_TEXT | {"description": "One sentence for a person."},
    score={"type": "number", "minimum": 0, "maximum": 1},
    value=_TEXT,
)
_VALIDATION = _object(comment=_OPTIONAL, dkim=_RESULT, dmarc=_RESULT, spf=_RESULT)
_PROPERTIES = _object(
    allowlisted_pattern=_OPTIONAL,
    allowlisted_pattern_type=_PATTERN_TYPE,
    blocklisted_message=_BOOLEAN,
    blocklisted_pattern=_NULL,
    whitelisted_pattern_type=_PATTERN_TYPE,
)
_OLD_ACTION = _object(
    completed_at=MOMENT,
    completed_timestamp=MOMENT,
    operation={"enum": ["RECLASSIFY", "QUARANTINE_RELEASE"]},
    properties=_object(requested_by=_TEXT),
    status=_TEXT,
)
_LINE = _object(lineno={"type": "integer"}, logged_at=_OPTIONAL_MOMENT, message=_TEXT, ts=_TEXT)
_LINES = _object(lines=_array(_LINE), pending=_BOOLEAN)
_MOVE: dict[str, Any] = {"destination": _DESTINATION, "expected_disposition": _DISPOSITION}
_IDS = {"type": "array", "maxItems": MAX_IDS, "items": _TEXT}

INVESTIGATE_SCHEMAS: dict[str, dict[str, Any]] = {
    "Message": _object(
        action_log=_array(_OLD_ACTION) | {"deprecated": True},
        alert_id=_OPTIONAL | {"description": "The id of a message that was flagged."},
        client_recipients=_TEXTS,
        delivery_mode={"enum": ["DIRECT", "API", "RETRO_SCAN"]},
        delivery_status=_array({"enum": [*STATUSES, *NEVER]}),
        detection_reasons=_TEXTS,
        edf_hash=_NULL,
        envelope_from=_OPTIONAL,
        envelope_to=_TEXTS,
        final_disposition=_DISPOSITION,
        findings=_array(_FINDING) | {"deprecated": True},
        from_name=_OPTIONAL,
        htmltext_structure_hash=_NULL,
        id=_TEXT,
        is_phish_submission=_BOOLEAN,
        is_quarantined=_BOOLEAN,
        message_id=_OPTIONAL,
        post_delivery_operations=_array({"enum": ["SUBMISSION", "QUARANTINE_RELEASE"]}),
        postfix_id=_TEXT | {"description": "The mail server's name for the message, else the id."},
        postfix_id_outbound=_NULL,
        properties=_PROPERTIES,
        replyto=_OPTIONAL,
        scanned_at=MOMENT,
        sent_at=_OPTIONAL_MOMENT,
        sent_date=_OPTIONAL_MOMENT | {"deprecated": True},
        smtp_helo_server_ip=_OPTIONAL,
        smtp_previous_hop_ip=_OPTIONAL,
        subject=_OPTIONAL,
        threat_categories=_TEXTS,
        to=_TEXTS,
        to_name=_TEXTS,
        ts=MOMENT | {"deprecated": True},
        validation=_VALIDATION,
        x_originating_ip=_OPTIONAL,
        **{"from": _OPTIONAL},
    ),
    "Detections": _object(
        action=_TEXT | {"description": "What was done: accept, tag, quarantine, reject or tempfail."},
        attachments={"type": "array", "maxItems": 0},
        final_disposition=_DISPOSITION,
        findings=_array(_FINDING),
        headers=_array(_object(name=_TEXT, value=_TEXT)),
        links={"type": "array", "maxItems": 0},
        sender_info=_object(as_name=_NULL, as_number=_NULL, geo=_NULL, ip=_OPTIONAL, pld=_OPTIONAL),
        threat_categories=_array(_object(description=_TEXT, id={"type": "integer"}, name=_TEXT)),
        validation=_VALIDATION,
    ),
    "ActionLogLine": _object(
        completed_at=MOMENT,
        operation={"enum": ["SUBMISSION", "QUARANTINE_RELEASE"]},
        properties=_object(
            folder=_NULL,
            requested_by=_TEXT,
            requested_disposition=_OPTIONAL,
            service=_NULL,
            submission_id=_NULL,
            submission_type=_OPTIONAL,
        ),
        started_at=MOMENT,
        status=_TEXT,
        success=_BOOLEAN,
    ),
    "Trace": _object(inbound=_LINES, outbound=_LINES),
    "Raw": _object(raw=_TEXT),
    "Preview": _object(screenshot=_TEXT),
    "PreviewOf": {
        "type": "object",
        "anyOf": [{"required": ["id"]}, {"required": ["postfix_id"]}],
        "properties": {"id": _TEXT, "postfix_id": _TEXT},
    },
    "Reclassification": body_schema(RECLASSIFY_FIELDS),
    "Accepted": {"type": "object"},
    "ReleaseIds": {"oneOf": [{"type": "object", "required": ["ids"], "properties": {"ids": _IDS}}, _IDS]},
    "Release": {
        "type": "object",
        "required": ["id", "delivered", "failed", "undelivered"],
        "properties": {
            "id": _TEXT,
            "delivered": _TEXTS | {"description": "Recipients of a message that was not put aside."},
            "failed": _TEXTS | {"description": "The id, where there is no such message."},
            "postfix_id": _TEXT | {"deprecated": True},
            "undelivered": _TEXTS | {"description": "Recipients of a message that waits in the mail server's queue."},
        },
    },
    "MoveOne": {"type": "object", "required": ["destination"], "properties": _MOVE},
    "MoveMany": {"type": "object", "required": ["destination"], "properties": _MOVE | {"ids": _TEXTS}},
    "Move": {"type": "object", "required": ["success"], "properties": {"success": _BOOLEAN}},
    "NewJob": {
        "type": "object",
        "required": ["action", "search_params"],
        "properties": {"action": {"enum": ["MOVE", "RELEASE"]}, "search_params": {"type": "object"}},
    },
    "Job": {"type": "object", "required": ["job_id"], "properties": {"job_id": _TEXT}},
    "CursorInfo": _object(
        count={"type": "integer", "description": "Messages on this page."},
        next=_OPTIONAL | {"description": "The cursor of the next page; null at the end."},
        per_page={"type": "integer"},
        previous=_OPTIONAL | {"description": "The cursor of the page before; null at the beginning."},
        total_count={"type": "integer", "description": "Always 0.", "deprecated": True},
    ),
}
