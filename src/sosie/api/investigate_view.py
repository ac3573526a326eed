"""A recorded message on the wire: in a list, in full, with its detections, its way and what was done with it."""

from __future__ import annotations

from typing import Any

from sosie.detection.actions import ACCEPT, QUARANTINE, REJECT, TAG, TEMPFAIL
from sosie.detection.record import Party, Record
from sosie.detection.verdict import MALICIOUS_BEC, NONE, SPOOF, Finding
from sosie.likeness.domain_name import registrable_domain
from sosie.mail.date_time import read_date_time
from sosie.store.records import RECLASSIFY, RELEASE, Done, Kept

DELIVERY = {ACCEPT: "delivered", TAG: "delivered", QUARANTINE: "quarantined", REJECT: "rejected", TEMPFAIL: "deferred"}
MODES = {"milter": "DIRECT", "http": "API", "scan": "RETRO_SCAN"}
OPERATIONS = {RELEASE: "QUARANTINE_RELEASE", RECLASSIFY: "SUBMISSION"}
OLD_OPERATIONS = {RELEASE: "QUARANTINE_RELEASE", RECLASSIFY: "RECLASSIFY"}
PATTERN_TYPES = {
    "trusted sender": "allowed_sender",
    "acceptable sender": "acceptable_sender",
    "exempt recipient": "allowed_recipient",
    "trusted domain": "domain_similarity",
}
# A result of RFC 8601, 2.7, in the five words of the wire; of any other nobody can say more than "none".
RESULTS = {
    "pass": "pass",
    "neutral": "neutral",
    "policy": "neutral",
    "fail": "fail",
    "softfail": "fail",
    "temperror": "error",
    "permerror": "error",
}
CATEGORIES = {  # disposition of the verdict -> id, name, description
    MALICIOUS_BEC: (1, "BEC", "Somebody writes in the name of a protected person."),
    SPOOF: (2, "Spoof", "Somebody writes with a protected address."),
}


def to_message(kept: Kept) -> dict[str, Any]:
    """A message with every key, those of deprecated ones included."""
    record = kept.record
    envelope, verdict = record.arrival.envelope, record.verdict
    ip = envelope.ip or None
    return {
        "action_log": [_old_action(done) for done in kept.done],
        "alert_id": record.id if verdict.flagged else None,
        "client_recipients": recipients_of(record),
        "delivery_mode": MODES.get(record.arrival.door, "API"),
        "delivery_status": [DELIVERY.get(record.action, "delivered")],
        "detection_reasons": reasons_of(record),
        "edf_hash": None,
        "envelope_from": envelope.return_path or None,
        "envelope_to": list(envelope.recipients),
        "final_disposition": kept.disposition,
        "findings": [_finding(finding) for finding in verdict.findings],
        "from": record.author.address or None,
        "from_name": record.author.name or None,
        "htmltext_structure_hash": None,
        "id": record.id,
        "is_phish_submission": False,
        "is_quarantined": record.action == QUARANTINE,
        "message_id": verdict.message_id or None,
        "post_delivery_operations": list(dict.fromkeys(OPERATIONS[done.operation] for done in kept.done)),
        "postfix_id": record.arrival.queue_id or record.id,
        "postfix_id_outbound": None,
        "properties": _properties(record),
        "replyto": record.reply_to.address or None,
        "scanned_at": record.at,
        "sent_at": record.date or None,
        "sent_date": record.date or None,
        "smtp_helo_server_ip": ip,
        "smtp_previous_hop_ip": ip,
        "subject": record.subject or None,
        "threat_categories": [one["name"] for one in _categories(record)],
        "to": [party.address for party in record.to],
        "to_name": [party.name for party in record.to],
        "ts": record.at,
        "validation": _validation(record),
        "x_originating_ip": _originating_ip(record),
    }


def to_detections(kept: Kept) -> dict[str, Any]:
    """What was found, and in what."""
    record = kept.record
    return {
        "action": record.action,
        "attachments": [],
        "final_disposition": kept.disposition,
        "findings": [_finding(finding) for finding in record.verdict.findings],
        "headers": [{"name": name, "value": value} for name, value in record.header],
        "links": [],
        "sender_info": {
            "as_name": None,
            "as_number": None,
            "geo": None,
            "ip": record.arrival.envelope.ip or None,
            "pld": _registered(record.author),
        },
        "threat_categories": _categories(record),
        "validation": _validation(record),
    }


def to_trace(kept: Kept) -> dict[str, Any]:
    """The way of a message: what the hosts before us wrote into it (RFC 5321, 4.4), the verdict, and what people did
    since. What became of it behind us is in the log of the mail server."""
    record = kept.record
    lines = [
        (read_date_time(value.rpartition(";")[2].encode("utf-8", "replace")), f"Received: {' '.join(value.split())}")
        for name, value in reversed(record.header)
        if name.lower() == "received"
    ]
    lines.append((record.at, f"{record.verdict.disposition}: {record.action}"))
    lines += [(done.at, f"{OLD_OPERATIONS[done.operation]} by {done.actor}") for done in kept.done]
    inbound = [
        {"lineno": number, "logged_at": moment or None, "message": message, "ts": moment}
        for number, (moment, message) in enumerate(lines, 1)
    ]
    return {"inbound": {"lines": inbound, "pending": False}, "outbound": {"lines": [], "pending": False}}


def to_action_log(kept: Kept) -> list[dict[str, Any]]:
    """What people did with a message, oldest first."""
    return [
        {
            "completed_at": done.at,
            "operation": OPERATIONS[done.operation],
            "properties": {
                "folder": None,
                "requested_by": done.actor,
                "requested_disposition": done.detail.get("after"),
                "service": None,
                "submission_id": None,
                "submission_type": "Team" if done.operation == RECLASSIFY else None,
            },
            "started_at": done.at,
            "status": status_of(done),
            "success": done.operation == RECLASSIFY,
        }
        for done in kept.done
    ]


def recipients_of(record: Record) -> list[str]:
    """To whom the message went: the envelope's recipients, or, where there is no envelope, those of To."""
    return list(record.arrival.envelope.recipients) or [party.address for party in record.to if party.address]


def reasons_of(record: Record) -> list[str]:
    """Why the message was flagged, the gravest reason first."""
    found = sorted(record.verdict.findings, key=lambda finding: -finding.score)
    return list(dict.fromkeys(finding.reason for finding in found if finding.detection != NONE))


def status_of(done: Done) -> str:
    """How far it has come: a release is done in the mail server's queue, where nobody is but the administrator."""
    return "COMPLETED" if done.operation == RECLASSIFY else "REQUESTED"


def _categories(record: Record) -> list[dict[str, Any]]:
    category = CATEGORIES.get(record.verdict.disposition)
    return [dict(zip(("id", "name", "description"), category, strict=True))] if category else []


def _finding(finding: Finding) -> dict[str, Any]:
    return {"attachment": None, **finding._asdict()}


def _old_action(done: Done) -> dict[str, Any]:
    return {
        "completed_at": done.at,
        "completed_timestamp": done.at,
        "operation": OLD_OPERATIONS[done.operation],
        "properties": {"requested_by": done.actor},
        "status": status_of(done),
    }


def _properties(record: Record) -> dict[str, Any]:
    exempt = next((one for one in record.verdict.exemptions if one.name in PATTERN_TYPES), None)
    kind = None if exempt is None else PATTERN_TYPES[exempt.name]
    return {
        "allowlisted_pattern": None if exempt is None else exempt.reason,
        "allowlisted_pattern_type": kind,
        "blocklisted_message": False,
        "blocklisted_pattern": None,
        "whitelisted_pattern_type": kind,
    }


def _validation(record: Record) -> dict[str, Any]:
    """The comment says what the five words cannot."""
    found = {"dkim": record.dkim, "dmarc": record.dmarc, "spf": record.spf}
    told = [f"{method}={result}" for method, result in found.items() if result not in ("", "none", RESULTS.get(result))]
    words = {method: RESULTS.get(result, "none") for method, result in found.items()}
    return {"comment": ", ".join(told) or None, **words}


def _registered(party: Party) -> str | None:
    return registrable_domain(party.address.rpartition("@")[2].lower()) or None


def _originating_ip(record: Record) -> str | None:
    """Of a header field that many gateways write; known where the header is at hand."""
    value = next((value for name, value in record.header if name.lower() == "x-originating-ip"), "")
    return value.strip(" []") or None
