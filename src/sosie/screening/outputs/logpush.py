"""A record in the shape of the Logpush dataset `email_security_alerts`: what reads Cloudflare's alerts reads ours.

The shape: developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/email_security_alerts (of 2026-06-29).
Every key is there. What a header does not say (attachments, links) is an empty list, what only a network's owner could
tell (geography, autonomous systems) an empty text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sosie.detection.record import Party, Record
from sosie.detection.verdict import MALICIOUS_BEC, NONE, SPOOF, SUSPICIOUS

_DISPOSITIONS = {MALICIOUS_BEC: "malicious", SPOOF: "spoof", SUSPICIOUS: "suspicious", NONE: "unset"}
_CATEGORIES = {MALICIOUS_BEC: ["BEC"], SPOOF: ["Spoof"]}
# The door -> MessageDeliveryMode: a milter stands in the way of the mail, a scan looks back.
_MODES = {"milter": "direct", "http": "api", "scan": "retroScan"}
_DKIM = ("pass", "neutral", "fail", "error", "permerror", "temperror", "none")
_SPF = ("pass", "neutral", "fail", "softfail", "permerror", "temperror", "none")
_DMARC = ("pass", "fail", "none")
_OTHER_WORDS = {"hardfail": "fail", "policy": "fail", "bestguesspass": "none"}  # RFC 8601, 2.7, and older software


def to_document(record: Record) -> dict[str, Any]:
    """The alert, as JSON takes it."""
    envelope = record.arrival.envelope
    disposition = record.verdict.disposition
    return {
        "AlertID": record.id,
        "AlertReasons": [finding.reason for finding in record.verdict.findings if finding.detection != NONE],
        "Attachments": [],
        "BCC": [],
        "CC": _addresses(record.cc),
        "CCName": _names(record.cc),
        "DKIMResult": _result(record.dkim, _DKIM),
        "DMARCPolicy": "undefined",
        "DMARCResult": _result(record.dmarc, _DMARC),
        "FinalDisposition": _DISPOSITIONS.get(disposition, "unset"),
        "From": record.author.address,
        "FromName": record.author.name,
        "Links": [],
        "MessageDeliveryMode": _MODES.get(record.arrival.door, "unset"),
        "MessageID": record.verdict.message_id,
        "Origin": "outbound" if record.arrival.outbound else "external" if envelope.ip else "unset",
        "OriginalSender": envelope.return_path or record.author.address,
        "ReplyTo": record.reply_to.address,
        "ReplyToName": record.reply_to.name,
        "SMTPEnvelopeFrom": envelope.return_path,
        "SMTPEnvelopeTo": list(envelope.recipients),
        "SMTPHeloServerIP": envelope.ip,
        "SMTPHeloServerIPAsName": "",
        "SMTPHeloServerIPAsNumber": "",
        "SMTPHeloServerIPGeo": "",
        "SMTPHeloServerName": record.arrival.helo or envelope.server_name,
        "SPFResult": _result(record.spf, _SPF),
        "Subject": record.subject,
        "ThreatCategories": _CATEGORIES.get(disposition, []),
        "Timestamp": record.at,
        "To": _addresses(record.to),
        "ToName": _names(record.to),
    }


def _addresses(parties: Iterable[Party]) -> list[str]:
    return [party.address for party in parties]


def _names(parties: Iterable[Party]) -> list[str]:
    return [party.name for party in parties]


def _result(result: str, words: tuple[str, ...]) -> str:
    """A result of RFC 8601 in the dataset's words; of a method that nobody has looked at, "none"."""
    word = _OTHER_WORDS.get(result.lower(), result.lower())
    if word in words:
        return word
    return "temperror" if word == "error" and "temperror" in words else "none"
