"""Verifies messages beside the loop that takes them, on a few threads, within a time that is said beforehand."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from sosie.detection.exemptions import Envelope
from sosie.mail.header_fields import HeaderSection
from sosie.mail.message import Message
from sosie.mail.trusted_results import TrustedResults
from sosie.screening.verifying.body_hash import Body, Hashes
from sosie.screening.verifying.places import Places, Sources, sources_of
from sosie.screening.verifying.resolver import Questions, Resolver
from sosie.screening.verifying.results import UNVERIFIED, Letter, verified_results

SECONDS = 5.0  # for one message; the client of a mail server waits for ten minutes (RFC 5321, 4.5.3.2.6)
GRACE = 1.0  # seconds more for what is no waiting: hashing a body, reckoning with keys

# Places (see places.py), each with a thread of its own, nearly all of whose time is waiting for the DNS.
THREADS = 32
MAX_WAITING = 256  # messages together with those; of more, the last would wait longer than they may
# Seconds for what does not decide, where more of the same network or domain wait; most answers take less.
SPARE_IN_A_CROWD = 0.3


class Verifier:
    """For one process; close it at the end. Its resolver keeps answers, so have one for all messages.

    `tell` gets the traceback of a mistake of ours.
    """

    def __init__(self, resolver: Resolver, seconds: float = SECONDS, *, tell: Callable[[str], None]) -> None:
        self._resolver = resolver
        self._seconds = seconds
        self._tell = tell
        self._threads = ThreadPoolExecutor(THREADS, "verify")
        self._places = Places(THREADS, MAX_WAITING)

    async def results_of(
        self, raw: bytes, envelope: Envelope, helo: str = "", hashes: Hashes | None = None
    ) -> TrustedResults:
        """What was found, as of the host "sosie". Where the body, or its end, is missing, `hashes` are those that are
        known of it.

        Where nothing comes of it in time, DMARC is "temperror". Never raises.
        """
        questions = Questions(self._resolver, self._seconds)
        try:
            async with asyncio.timeout(self._seconds + GRACE):
                sources = sources_of(Message.from_bytes(raw), envelope.ip)
                if not await self._places.take(sources):
                    return UNVERIFIED
                if self._places.is_crowded(sources):
                    questions.spare = SPARE_IN_A_CROWD
                return await self._begun(lambda: results_now(raw, envelope, helo, questions, hashes), sources)
        except TimeoutError:
            return UNVERIFIED
        except Exception:  # noqa: BLE001 - a mistake of ours must not stop mail; it is told
            self._tell(traceback.format_exc())
            return UNVERIFIED

    def _begun(self, work: Callable[[], TrustedResults], sources: Sources) -> asyncio.Future[TrustedResults]:
        """The work in a thread: it holds its place until it ends, whether anybody still waits for it or not."""
        loop = asyncio.get_running_loop()

        def give_back(_: object) -> None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self._places.give_back, sources)

        begun = self._threads.submit(work)
        begun.add_done_callback(give_back)
        return asyncio.wrap_future(begun)

    def close(self) -> None:
        """Take no more; what is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def results_now(
    raw: bytes, envelope: Envelope, helo: str, questions: Questions, hashes: Hashes | None = None
) -> TrustedResults:
    """The same in this thread, which waits for the DNS."""
    message = Message.from_bytes(raw)
    body = Body(body_in(raw, message.header_section), hashes)
    return verified_results(Letter(message, body, envelope, helo, questions))


def body_in(raw: bytes, section: HeaderSection) -> bytes:
    """What follows the empty line after the header section."""
    rest = raw[section.start + sum(map(len, section.lines)) + len(section.lines) :]
    return rest.removeprefix(b"\r\n") if rest.startswith(b"\r") else rest.removeprefix(b"\n")
