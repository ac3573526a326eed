"""Many messages through one detector, on every processor."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Sequence

from sosie.detection.verdict import Verdict

Detector = Callable[[bytes], Verdict | None]

STEP = 500  # messages per task
_work: tuple[Detector, Sequence[bytes]] | None = None


def judge_all(detector: Detector, messages: Sequence[bytes]) -> list[Verdict | None]:
    """The verdict on each message, None where it is not flagged.

    Child processes find the detector and the messages in the memory that they share with this one.
    """
    global _work  # noqa: PLW0603 - what is forked is what is global
    _work = (detector, messages)
    processes = os.cpu_count() or 1
    if len(messages) <= STEP or processes == 1:
        return _judge((0, len(messages)))
    spans = [(start, min(start + STEP, len(messages))) for start in range(0, len(messages), STEP)]
    gc.collect()
    gc.freeze()
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        return [verdict for some in pool.imap(_judge, spans) for verdict in some]


def _judge(span: tuple[int, int]) -> list[Verdict | None]:
    assert _work is not None
    detector, messages = _work
    return [detector(raw) for raw in messages[slice(*span)]]
