"""`sosie screen --verify`: letters are verified before they are judged, where that can change the verdict."""

from __future__ import annotations

import click

from sosie.detection.exemptions import Envelope
from sosie.detection.verdict import Verdict
from sosie.mail.message import Message
from sosie.screening.corridor import screen_message
from sosie.screening.snapshot import Snapshot
from sosie.screening.verifying.open import CannotVerify, open_resolver

MAX_READ = 256 << 20  # octets; large providers take 150 MB. Of a longer letter the signatures are not verified


class VerifyingScreen:
    """Judges as `screen` does. `resolver` is ADDRESS or ADDRESS:PORT, empty for this machine's.

    Raises click.ClickException.
    """

    def __init__(self, resolver: str) -> None:
        try:
            self._resolver = open_resolver(resolver)
        except (CannotVerify, ValueError) as error:
            raise click.ClickException(str(error)) from None

    def __call__(self, raw: bytes, snapshot: Snapshot, envelope: Envelope) -> Verdict:
        """The verdict. Raises NotAMessage."""
        from sosie.screening.verifying.body_hash import NO_HASHES
        from sosie.screening.verifying.gate import needs_verification
        from sosie.screening.verifying.resolver import Questions
        from sosie.screening.verifying.verifier import SECONDS, results_now

        message = Message.from_bytes(raw)
        if needs_verification(message, snapshot, envelope):
            questions = Questions(self._resolver, SECONDS)
            results = results_now(raw, envelope, "", questions, None if len(raw) < MAX_READ else NO_HASHES)
            envelope = envelope._replace(verified=results)
        return screen_message(message, snapshot, envelope)
