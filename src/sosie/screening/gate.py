"""Where mail flows: a message that has come in by a door -> what the door does with it. Nothing here waits or raises.

The gate is the one place that decides what becomes of a message that cannot be judged, because there is no snapshot
yet, or because of a mistake of ours: it is let through (fail-open), or, with `fail_closed`, put off. What was flagged
is handed to the recorder, and what the message teaches to the learner; both take it at once or count what they lose.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from sosie.detection.actions import ACCEPT, TEMPFAIL
from sosie.detection.arrival import Arrival
from sosie.detection.authentication import believed_results
from sosie.detection.history import Acquaintance
from sosie.detection.record import Record, Written, record_of
from sosie.detection.verdict import NONE, Verdict
from sosie.mail.message import Message
from sosie.observe.observations import MessageScreened, MessageUnscreened, Observe, RecordsLost
from sosie.registry.moments import now_us, to_rfc3339
from sosie.screening.authenticators import Authenticators
from sosie.screening.corridor import NotAMessage, screen_message
from sosie.screening.learning import learn_received, learn_sent
from sosie.screening.snapshot import Snapshot

FLAGGED = "flagged"
ALL = "all"
NOTHING = "none"

SnapshotOf = Callable[[str], Snapshot | None]
Keep = Callable[[str, Record], None]
Learn = Callable[[str, tuple[Acquaintance, ...]], None]


class Screened(NamedTuple):
    """`verdict` is None where the message was not judged: then `fault` says why. `record_id` is empty where nothing is
    kept."""

    action: str
    verdict: Verdict | None
    fault: str = ""
    record_id: str = ""


def keep_nothing(_account_id: str, _record: Record) -> None:
    """For doors that keep no record."""


def learn_nothing(_account_id: str, _seen: tuple[Acquaintance, ...]) -> None:
    """For doors that keep no history."""


@dataclass(frozen=True)
class Gate:
    """`snapshot_of` gives this process's snapshot of an account; `kept` says which messages are recorded, `raw_kept`
    how many octets of each at most, as they came; 0 for none. `authenticators` learns whose results are believed."""

    snapshot_of: SnapshotOf
    observe: Observe
    fail_closed: bool = False
    kept: str = FLAGGED
    raw_kept: int = 0
    keep: Keep = keep_nothing
    learn: Learn = learn_nothing
    authenticators: Authenticators | None = None

    def admit(self, account_id: str, raw: bytes, arrival: Arrival, *, record: bool = True) -> Screened:
        """Judge a message, of which the header section is enough, and say what is done with it."""
        began = time.perf_counter()
        try:
            screened = self._judged(account_id, raw, arrival, record=record)
        except Exception:  # noqa: BLE001 - a mistake of ours must not stop mail; the trace is observed
            return self.unjudged(arrival, traceback.format_exc())
        if screened.verdict is not None:
            self.observe(MessageScreened(arrival.door, screened.verdict.disposition, time.perf_counter() - began))
        return screened

    def unjudged(self, arrival: Arrival, fault: str) -> Screened:
        """What is done with a message that cannot be judged."""
        self.observe(MessageUnscreened(arrival.door, fault))
        return Screened(TEMPFAIL if self.fail_closed else ACCEPT, None, fault)

    def _judged(self, account_id: str, raw: bytes, arrival: Arrival, *, record: bool) -> Screened:
        snapshot = self.snapshot_of(account_id)
        if snapshot is None:
            return self.unjudged(arrival, "there is no snapshot of the registry yet")
        message = Message.from_bytes(raw)
        if arrival.outbound:
            if record:
                known = snapshot.knowledge.history
                seen = learn_sent(message, _now())  # an answer to a fraud makes no acquaintance of it
                self.learn(account_id, tuple(one for one in seen if not known.has_alerted(one.address)))
            return Screened(ACCEPT, None)
        if self.authenticators is not None and arrival.mta_name:
            self.authenticators.see(message, arrival.mta_name, arrival.envelope.ip)
            snapshot = self.snapshot_of(account_id) or snapshot
        try:
            verdict = screen_message(message, snapshot, arrival.envelope)
        except NotAMessage as error:
            return self.unjudged(arrival, str(error))
        action = snapshot.actions.of(verdict.disposition, arrival.envelope.recipients)
        if not record:
            return Screened(action, verdict)
        screened = Screened(action, verdict)
        try:
            return self._noted(account_id, message, screened, arrival, raw)
        except Exception:  # noqa: BLE001 - what was found holds, though nobody will read of it
            self.observe(RecordsLost(1, traceback.format_exc()))
            return screened

    def _noted(self, account_id: str, message: Message, screened: Screened, arrival: Arrival, raw: bytes) -> Screened:
        """The same, learnt from and recorded."""
        snapshot, verdict = self.snapshot_of(account_id), screened.verdict
        if snapshot is None or verdict is None:
            return screened
        believed = snapshot.knowledge.trusted_authserv_ids
        verified = arrival.envelope.verified is not None
        if believed or verified or verdict.findings:  # else there is nothing to tell an honest stranger from any other
            seen = learn_received(message, believed, _now(), flagged=verdict.flagged, envelope=arrival.envelope)
            self.learn(account_id, seen)
        if self.kept == NOTHING or (self.kept == FLAGGED and verdict.disposition == NONE):
            return screened
        written = _written(screened.action)
        results = believed_results(message, believed, arrival.envelope)
        self.keep(account_id, record_of(message, verdict, arrival, results, written, raw[: self.raw_kept]))
        if verdict.alert:
            snapshot.knowledge.history.note_alerts(verdict.pairs)
        return screened._replace(record_id=written.id)


def _now() -> str:
    return to_rfc3339(now_us())[:19] + "Z"


_number = count(int.from_bytes(os.urandom(4)))  # two processes may judge in the same microsecond


def _written(action: str) -> Written:
    moment = now_us()
    return Written(f"{moment:013x}{next(_number) & 0xFFFFFFFF:08x}", to_rfc3339(moment), action)
