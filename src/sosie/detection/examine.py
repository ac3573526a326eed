"""Ask every technique, and judge what they found."""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.exempting import without_exempted
from sosie.detection.exemptions import Envelope
from sosie.detection.knowledge import Knowledge
from sosie.detection.techniques import (
    address_in_name,
    ambiguous_author,
    authentication_forgery,
    author_name,
    exact_spoof,
    lookalike_address,
    lookalike_domain,
    reply_to,
    sender_name,
    subject_name,
)
from sosie.detection.verdict import NONE, Verdict, judge
from sosie.mail.message import Message

TECHNIQUES = (
    author_name,
    address_in_name,
    lookalike_domain,
    lookalike_address,
    exact_spoof,
    reply_to,
    sender_name,
    subject_name,
    ambiguous_author,
    authentication_forgery,
)


def examine(message: Message, knowledge: Knowledge, envelope: Envelope | None = None) -> Verdict:
    """The verdict on a message."""
    case = Case(message, knowledge, envelope or Envelope())
    findings = [finding for technique in TECHNIQUES for finding in technique.examine(case)]
    if not findings:
        return Verdict(message.message_id, NONE, 0.0, ())
    findings = without_exempted(case, findings)
    verdict = judge(message.message_id, tuple(findings), tuple(case.exemptions))
    pairs = case.pairs
    known = bool(pairs) and all(knowledge.history.was_alerted(*pair) for pair in pairs)
    return verdict._replace(alert=verdict.flagged and not known, pairs=pairs)
