"""Processes that judge pieces, and their results in the order of the pieces.

Theory of operation. A worker is forked when there is a piece for it, from a process that holds the index already, so
that all of them share one index in memory and starting one costs a millisecond. Each is sent one piece at a time by a
pipe and answers by another. Results wait for those of earlier pieces; as many pieces are given out as there may wait,
so memory stays the same however long the scan is.

A worker that dies (it was killed, or memory ran out) shows as the end of its pipe, without an answer: whatever it had
done of its piece is gone, and the whole piece is given to a new worker. One that ends ATTEMPTS workers is given up.
When the parent dies, its workers read the end of theirs, and end.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import NamedTuple, NoReturn

from sosie.scan.judging import Judge, Judged, Outcome, gave_up
from sosie.scan.pieces import Cut

ATTEMPTS = 3
WAITING = 4  # results a worker that may wait for an earlier one

_SIZE = 8  # octets before each message in a pipe: its length
_KILLED = f"{ATTEMPTS} processes died over this piece"


class _Task:
    """One piece on its way; `outcome` is None until it is known."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.outcome: Outcome | None = None
        self.attempts = 0


class _Worker(NamedTuple):
    pid: int
    to_worker: int
    from_worker: int


class Workers:
    """At most `count` processes."""

    def __init__(self, judge: Judge, count: int) -> None:
        self._judge = judge
        self._count = count
        self._at_work: dict[int, tuple[_Worker, _Task]] = {}  # by the descriptor that its answer comes from
        self._idle: list[_Worker] = []

    def judge(self, cuts: Iterator[Cut]) -> Generator[Judged, None, None]:
        """What came of the pieces, in their order. Ends all workers when it ends."""
        gc.freeze()  # so that no collection in a worker writes to the memory that they share
        order: deque[_Task] = deque()
        try:
            while self._give_out(cuts, order) or order:
                while order and (outcome := order[0].outcome) is not None:
                    yield Judged(order.popleft().cut, outcome)
                if self._at_work:
                    self._take_in()
        finally:
            self._end()

    def pids(self) -> list[int]:
        """The processes at work."""
        return [worker.pid for worker, _ in self._at_work.values()]

    def _give_out(self, cuts: Iterator[Cut], order: deque[_Task]) -> bool:
        """Whether there was a piece for somebody."""
        given = False
        while len(self._at_work) < self._count and len(order) < self._count * WAITING:
            cut = next(cuts, None)
            if cut is None:
                break
            task = _Task(cut)
            order.append(task)
            self._send(task)
            given = True
        return given

    def _send(self, task: _Task) -> None:
        worker = self._idle.pop() if self._idle else self._fork()
        task.attempts += 1
        self._at_work[worker.from_worker] = (worker, task)
        with suppress(BrokenPipeError):  # it died idle: the end of its pipe says so
            _write(worker.to_worker, pickle.dumps(task.cut.piece))

    def _take_in(self) -> None:
        """Wait until at least one worker has answered or died."""
        poll = select.poll()
        for descriptor in self._at_work:
            poll.register(descriptor, select.POLLIN)
        for descriptor, _ in poll.poll():
            worker, task = self._at_work.pop(descriptor)
            answer = _read(descriptor)
            if answer is not None:
                task.outcome = pickle.loads(answer)  # noqa: S301 - from our own process
                self._idle.append(worker)
                continue
            _close(worker)
            os.waitpid(worker.pid, 0)
            if task.attempts < ATTEMPTS:
                self._send(task)
            else:
                task.outcome = gave_up(task.cut.piece, _KILLED)

    def _fork(self) -> _Worker:
        read_piece, to_worker = os.pipe()
        from_worker, write_outcome = os.pipe()
        pid = os.fork()
        if pid == 0:
            for other in (*self._idle, *(worker for worker, _ in self._at_work.values())):
                _close(other)
            os.close(to_worker)
            os.close(from_worker)
            _work(self._judge, read_piece, write_outcome)
        os.close(read_piece)
        os.close(write_outcome)
        return _Worker(pid, to_worker, from_worker)

    def _end(self) -> None:
        busy = [worker for worker, _ in self._at_work.values()]
        for worker in (*self._idle, *busy):
            _close(worker)
        for worker in busy:
            os.kill(worker.pid, signal.SIGKILL)
        for worker in (*self._idle, *busy):
            os.waitpid(worker.pid, 0)
        self._idle.clear()
        self._at_work.clear()


def _work(judge: Judge, read_piece: int, write_outcome: int) -> NoReturn:
    """What a worker does all its life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which ends us
    status = 1
    try:
        while (piece := _read(read_piece)) is not None:
            _write(write_outcome, pickle.dumps(judge(pickle.loads(piece))))  # noqa: S301 - from our own process
        status = 0
    except BrokenPipeError:
        pass  # the parent is gone
    finally:
        os._exit(status)


def _close(worker: _Worker) -> None:
    os.close(worker.to_worker)
    os.close(worker.from_worker)


def _write(descriptor: int, message: bytes) -> None:
    left = memoryview(len(message).to_bytes(_SIZE) + message)
    while left:
        left = left[os.write(descriptor, left) :]


def _read(descriptor: int) -> bytes | None:
    """One message; None where the pipe ends before it does."""
    size = _read_exactly(descriptor, _SIZE)
    return None if size is None else _read_exactly(descriptor, int.from_bytes(size))


def _read_exactly(descriptor: int, size: int) -> bytes | None:
    parts = []
    while size > 0:
        part = os.read(descriptor, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
