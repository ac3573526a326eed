"""Ask every technique, and judge what they found."""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.exempting import without_exempted
from sosie.detection.exemptions import Envelope
from sosie.detection.knowledge import Knowledge
from sosie.detection.strangers import is_own, is_strangers
from sosie.detection.techniques import (
    address_as_name,
    address_in_name,
    ambiguous_author,
    authentication_forgery,
    author_name,
    cousin_domain,
    exact_spoof,
    local_part_name,
    lookalike_address,
    lookalike_domain,
    on_behalf,
    reply_to,
    sender_name,
    subdomain,
    subject_name,
)
from sosie.detection.verdict import NONE, Verdict, judge
from sosie.mail.message import Message

_NO_ENVELOPE = Envelope()

TECHNIQUES = (
    author_name,
    on_behalf,
    address_as_name,
    address_in_name,
    lookalike_domain,
    cousin_domain,
    lookalike_address,
    local_part_name,
    exact_spoof,
    subdomain,
    reply_to,
    sender_name,
    subject_name,
    ambiguous_author,
    authentication_forgery,
)


def examine(message: Message, knowledge: Knowledge, envelope: Envelope | None = None) -> Verdict:
    """The verdict on a message."""
    envelope = envelope or _NO_ENVELOPE
    if is_strangers(message, knowledge) or is_own(message, knowledge, envelope):
        return Verdict(message.message_id, NONE, 0.0, ())
    return examine_closely(message, knowledge, envelope)


def examine_closely(message: Message, knowledge: Knowledge, envelope: Envelope | None = None) -> Verdict:
    """The same by asking every technique."""
    case = Case(message, knowledge, envelope or _NO_ENVELOPE)
    findings = [finding for technique in TECHNIQUES for finding in technique.examine(case)]
    if not findings:
        return Verdict(message.message_id, NONE, 0.0, ())
    findings = without_exempted(case, findings)
    verdict = judge(message.message_id, tuple(findings), tuple(case.exemptions))
    pairs = case.pairs
    known = bool(pairs) and all(knowledge.history.was_alerted(*pair) for pair in pairs)
    return verdict._replace(alert=verdict.flagged and not known, pairs=pairs)
