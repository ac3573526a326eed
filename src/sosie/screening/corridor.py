"""Raw message -> Verdict: facts are read, techniques asked, findings judged. Every door calls `screen`."""

from __future__ import annotations

from sosie.detection.examine import examine
from sosie.detection.verdict import Verdict
from sosie.mail.message import Message
from sosie.screening.snapshot import Snapshot


def screen(raw: bytes, snapshot: Snapshot) -> Verdict:
    """The verdict on a message, given as it was received or stored; its header section alone is enough."""
    return examine(Message.from_bytes(raw), snapshot.index)
