"""How a message came in, as the door that took it knows."""

from __future__ import annotations

from typing import NamedTuple

from sosie.detection.exemptions import Envelope

NO_ENVELOPE = Envelope()


class Arrival(NamedTuple):
    """`door` is "milter", "http" or "scan". `helo` is the client's own word, `queue_id` the mail server's name for the
    message, `outbound` whether the mail server knows the client as one of ours: then nobody is impersonated, and the
    history learns to whom we write. `source` says where a stored message lies, `mta_name` what the mail server that
    asks calls itself.
    """

    door: str
    envelope: Envelope = NO_ENVELOPE
    helo: str = ""
    queue_id: str = ""
    outbound: bool = False
    source: str = ""
    mta_name: str = ""
