"""Ask every technique, and judge what they found."""

from __future__ import annotations

from sosie.detection.index import Index
from sosie.detection.techniques import author_name
from sosie.detection.verdict import Verdict, judge
from sosie.mail.message import Message

TECHNIQUES = (author_name,)


def examine(message: Message, index: Index) -> Verdict:
    """The verdict on a message."""
    findings = [finding for technique in TECHNIQUES for finding in technique.examine(message, index)]
    return judge(message.message_id, tuple(findings))
