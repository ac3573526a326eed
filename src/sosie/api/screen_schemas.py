"""The schemas of judging messages."""

from __future__ import annotations

from typing import Any

from sosie.api.schemas import IP, NO_NUL, whole
from sosie.api.screen_body import ENVELOPE, MAX_FIELDS, MAX_RECIPIENTS, MAX_TEXT
from sosie.detection.actions import ACTIONS
from sosie.detection.verdict import DISPOSITIONS, Exemption, Finding

_TEXT = {"type": "string"}
_SHORT = {"type": "string", "maxLength": MAX_TEXT, "pattern": NO_NUL}
_SCORE = {"type": "number", "minimum": 0, "maximum": 1}
_DISPOSITION = {"type": "string", "enum": list(DISPOSITIONS)}

_FINDING = whole(
    {
        "type": "object",
        "properties": dict.fromkeys(Finding._fields, _TEXT) | {"score": _SCORE, "detection": _DISPOSITION},
    }
)
_EXEMPTION = whole({"type": "object", "properties": dict.fromkeys(Exemption._fields, _TEXT)})
_VERDICT = {
    "type": "object",
    "properties": {
        "action": {"type": "string", "enum": list(ACTIONS), "description": "What a mail server is to do with it."},
        "message_id": _TEXT,
        "disposition": _DISPOSITION,
        "score": _SCORE,
        "findings": {"type": "array", "items": _FINDING},
        "exemptions": {"type": "array", "items": _EXEMPTION},
        "alert": {"type": "boolean", "description": "Flagged, and nobody was told of these people and addresses yet."},
        "record_id": {"type": ["string", "null"], "description": "The record that was kept."},
        "error": {"type": "string", "description": "Of a batch: why this message cannot be judged."},
    },
}
_ENVELOPE = {
    "type": "object",
    "properties": {
        one.name: {"type": "array", "items": _SHORT, "maxItems": MAX_RECIPIENTS} if one.many else _SHORT
        for one in ENVELOPE
    }
    | {one.name: IP for one in ENVELOPE if one.is_ip},
}
_FIELD = {
    "type": "object",
    "required": ["name", "value"],
    "properties": {
        "name": {"type": "string", "pattern": "^[!-9;-~]+$"},
        "value": {"type": "string", "pattern": r"^[^\u0000\r\n]*$"},
    },
}
_PARTS: dict[str, Any] = {"envelope": _ENVELOPE, "record": {"type": "boolean", "default": False}}
_RAW = {
    "type": "string",
    "description": "As it stands; its header section is enough.",
    "examples": ["From: Jane Roe <jr@mail.example>"],
}


def _message(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "oneOf": [
            {
                "type": "object",
                "required": ["message"],
                "properties": {"message": raw, **_PARTS},
                "not": {"required": ["headers"]},
            },
            {
                "type": "object",
                "required": ["headers"],
                "properties": {
                    "headers": {"type": "array", "items": _FIELD, "minItems": 1, "maxItems": MAX_FIELDS},
                    **_PARTS,
                },
                "not": {"required": ["message"]},
            },
        ]
    }


SCREEN_SCHEMAS: dict[str, Any] = {
    "Verdict": _VERDICT,
    "MessageToJudge": _message(_RAW | {"pattern": r"^[!-9;-~]+:[^\u0000\r\n]*$"}),  # one field at least
    "MessagesToJudge": {
        "type": "object",
        "required": ["messages"],
        "properties": {"messages": {"type": "array", "items": _message(_RAW), "minItems": 1, "maxItems": 1000}},
    },
}
