"""A piece -> what is told of it. The same in this process, in a worker and on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import orjson

from sosie.detection.verdict import NONE, Verdict
from sosie.scan.pieces import Cut, Piece
from sosie.screening.corridor import NotAMessage, screen
from sosie.screening.snapshot import Snapshot
from sosie.screening.telling import to_document

Counts = dict[str, int]


class Tally(NamedTuple):
    """How many messages there were, and how many letters could not be judged. Of what was flagged, how many messages of
    each disposition, technique and entry (by id)."""

    messages: int
    faults: int
    dispositions: Counts
    techniques: Counts
    entries: Counts

    @property
    def flagged(self) -> int:
        """The number of flagged messages."""
        return sum(self.dispositions.values())

    def __add__(self, other: Tally) -> Tally:  # type: ignore[override] # two of these make one, not a longer tuple
        return Tally(
            self.messages + other.messages,
            self.faults + other.faults,
            *(_sum(mine, others) for mine, others in zip(self[2:], other[2:], strict=True)),
        )


NOTHING = Tally(0, 0, {}, {}, {})


class Flagged(NamedTuple):
    """A flagged message, for people."""

    source: str
    disposition: str
    findings: tuple[tuple[str, str], ...]  # reason and detail


class Fault(NamedTuple):
    """What could not be judged, and why."""

    source: str
    reason: str


class Outcome(NamedTuple):
    """`lines` are JSON, one a message, if that is what is asked for, and else `flagged` are the flagged ones."""

    tally: Tally
    lines: bytes
    flagged: tuple[Flagged, ...]
    faults: tuple[Fault, ...]


class Judged(NamedTuple):
    """A piece, and what came of it."""

    cut: Cut
    outcome: Outcome


Judge = Callable[[Piece], Outcome]


def judge_piece(piece: Piece, snapshot: Snapshot, *, as_json: bool) -> Outcome:
    """Judge all its letters. What cannot be judged is a fault and not an exception."""
    lines: list[bytes] = []
    flagged: list[Flagged] = []
    faults: list[Fault] = []
    counts: tuple[Counts, Counts, Counts] = {}, {}, {}
    messages = 0
    for source, verdict, reason in _verdicts(piece, snapshot):
        if verdict is None:
            faults.append(Fault(source, reason))
            continue
        messages += 1
        if as_json:
            lines.append(to_line(source, verdict))
        if verdict.disposition != NONE:
            _count(verdict, *counts)
            if not as_json:
                flagged.append(_flagged(source, verdict))
    return Outcome(Tally(messages, len(faults), *counts), b"".join(lines), tuple(flagged), tuple(faults))


def gave_up(piece: Piece, reason: str) -> Outcome:
    """The outcome of a piece that nobody could judge."""
    return Outcome(NOTHING._replace(faults=1), b"", (), (Fault(piece.source, reason),))


def to_line(source: str, verdict: Verdict) -> bytes:
    """A verdict as one line of JSON, as `sosie screen --json` prints it."""
    return orjson.dumps({"source": source, **to_document(verdict)}, option=orjson.OPT_APPEND_NEWLINE)


def _verdicts(piece: Piece, snapshot: Snapshot) -> Iterator[tuple[str, Verdict | None, str]]:
    try:
        for source, raw, fault in piece.letters():
            if fault:
                yield source, None, fault
                continue
            try:
                verdict = screen(raw, snapshot)
            except NotAMessage as error:
                yield source, None, str(error)
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the scan of an archive
                yield source, None, f"a mistake in sosie: {type(error).__name__}: {error}"
            else:
                yield source, verdict, ""
    except OSError as error:
        yield piece.source, None, error.strerror or str(error)


def _flagged(source: str, verdict: Verdict) -> Flagged:
    return Flagged(source, verdict.disposition, tuple((one.reason, one.detail) for one in verdict.findings))


def _count(verdict: Verdict, dispositions: Counts, techniques: Counts, entries: Counts) -> None:
    _add(dispositions, verdict.disposition)
    for technique in {finding.name for finding in verdict.findings if finding.detection != NONE}:
        _add(techniques, technique)
    for entry_id in {entry_id for entry_id, _ in verdict.pairs}:
        _add(entries, entry_id)


def _add(counts: Counts, name: str) -> None:
    counts[name] = counts.get(name, 0) + 1


def _sum(mine: Counts, others: Counts) -> Counts:
    return mine | {name: mine.get(name, 0) + count for name, count in others.items()}
