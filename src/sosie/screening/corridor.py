"""Raw message -> Verdict: facts are read, techniques asked, findings judged. Every door calls `screen`."""

from __future__ import annotations

from sosie.detection.arrival import NO_ENVELOPE
from sosie.detection.examine import examine
from sosie.detection.exemptions import Envelope
from sosie.detection.verdict import Verdict
from sosie.mail.message import Message
from sosie.screening.snapshot import Snapshot


class NotAMessage(ValueError):
    """The bytes hold no header field at all, so there is nothing to judge."""


def screen(raw: bytes, snapshot: Snapshot, envelope: Envelope = NO_ENVELOPE) -> Verdict:
    """The verdict on a message, given as it was received or stored; its header section alone is enough.

    Raises NotAMessage.
    """
    return screen_message(Message.from_bytes(raw), snapshot, envelope)


def screen_message(message: Message, snapshot: Snapshot, envelope: Envelope = NO_ENVELOPE) -> Verdict:
    """The same for a message whose header section has been read. Raises NotAMessage."""
    if not any(message.header_section.names):
        raise NotAMessage("there is no header field: this is not a message")
    return examine(message, snapshot.knowledge, envelope)
