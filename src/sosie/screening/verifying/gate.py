"""The gate for doors that can wait: a message is verified first where that can matter, and then judged.

Nearly all mail has results of a trusted host, or nothing to do with anybody protected: it never waits. What is left is
mail in the name of a protected address or domain, and mail in which something was found, without anybody's results.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sosie.detection.arrival import Arrival
from sosie.detection.case import Case
from sosie.detection.examine import examine
from sosie.detection.exemptions import Envelope
from sosie.detection.strangers import is_strangers
from sosie.mail.message import Message
from sosie.observe.observations import MessageVerified
from sosie.screening.gate import Gate, Screened
from sosie.screening.snapshot import Snapshot
from sosie.screening.verifying.body_hash import BodyHashes, Hashes
from sosie.screening.verifying.dkim import hashes_asked_for
from sosie.screening.verifying.verifier import Verifier, body_in


def needs_verification(message: Message, snapshot: Snapshot, envelope: Envelope) -> bool:
    """Whether results could change the verdict, and no trusted host has left any."""
    knowledge = snapshot.knowledge
    if message.trusted_results(knowledge.trusted_authserv_ids).present or is_strangers(message, knowledge):
        return False
    return bool(Case(message, knowledge, envelope).ours or examine(message, knowledge, envelope).findings)


@dataclass(frozen=True)
class VerifyingGate:
    """Without a verifier, the gate alone."""

    gate: Gate
    verifier: Verifier | None

    async def admit(
        self, account_id: str, raw: bytes, arrival: Arrival, *, record: bool = True, hashes: Hashes | None = None
    ) -> Screened:
        """Gate.admit, after verifying where it is needed. Where the body, or its end, is missing, `hashes` are those
        that are known of it."""
        if self.is_needed(account_id, raw, arrival) and self.verifier is not None:
            began = time.perf_counter()
            results = await self.verifier.results_of(raw, arrival.envelope, arrival.helo, hashes)
            self.gate.observe(MessageVerified(results.dmarc, time.perf_counter() - began))
            arrival = arrival._replace(envelope=arrival.envelope._replace(verified=results))
        return self.gate.admit(account_id, raw, arrival, record=record)

    def is_needed(self, account_id: str, raw: bytes, arrival: Arrival) -> bool:
        """Whether `admit` would ask the DNS."""
        if self.verifier is None or arrival.outbound:
            return False
        try:
            snapshot = self.gate.snapshot_of(account_id)
            return snapshot is not None and needs_verification(Message.from_bytes(raw), snapshot, arrival.envelope)
        except Exception:  # noqa: BLE001 - the gate meets the same mistake, and observes it
            return False

    def hashes_of(self, account_id: str, raw: bytes, arrival: Arrival) -> BodyHashes | None:
        """What takes the rest of a body that is too long to be kept; None where `admit` will not ask for it.

        `raw` is the message as far as it has come: its header section, and the beginning of the body.
        """
        if not self.is_needed(account_id, raw, arrival):
            return None
        section = Message.from_bytes(raw).header_section
        hashes = hashes_asked_for(section)
        if hashes is not None:
            hashes.take(body_in(raw, section))
        return hashes
