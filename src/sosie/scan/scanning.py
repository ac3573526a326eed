"""Sources -> what came of their pieces, in order: here, in processes of this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import chain, islice

from sosie.scan.judging import Judge, Judged
from sosie.scan.pieces import Cut, Place, Source, Tell, Unreadable

JudgeAll = Callable[[Iterator[Cut]], Generator[Judged, None, None]]


def cuts_of(named: Sequence[tuple[str, Source]], after: Place | None, tell: Tell) -> Iterator[Cut]:
    """The pieces of all sources, which are given with their names; or those after a place, which begins with the number
    of its source."""
    for number, (name, source) in enumerate(named):
        if after is not None and number < after[0]:
            continue
        within = (after[1] or None) if after is not None and number == after[0] else None
        try:
            for cut in source.cuts(within, tell):
                within = cut.place
                yield Cut([number, within], cut.piece)
        except OSError as error:
            yield Cut([number, within or []], Unreadable(name, error.strerror or str(error)))


def judge_here(judge: Judge, jobs: int) -> JudgeAll:
    """Judge in this process what is one piece, or everything with one job; else in `jobs` processes."""

    def judge_all(cuts: Iterator[Cut]) -> Generator[Judged, None, None]:
        begun = list(islice(cuts, 2))
        cuts = chain(begun, cuts)
        if jobs == 1 or len(begun) < 2:
            return (Judged(cut, judge(cut.piece)) for cut in cuts)
        from sosie.scan.workers import Workers  # noqa: PLC0415 - small scans start without it

        return Workers(judge, jobs).judge(cuts)

    return judge_all
