"""Judging a Maildir in one go: CPU a message with the start of the program, beside sieve-filter, and on two cores.

Two cores are worth what the machine gives: a loop that does nothing is run by one process and by two at once as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rows import Row, middle, ratio_of, times_fewer
from setting import Setting
from sieve import USER, Sieve
from sosies import SOSIE

from letters import AUTHSERV_ID, write_csv, write_maildir

PART = "scan"
MESSAGES, MANY = 2_000, 60_000
COST = 80.0  # µs a message
FASTER = {100: 1.2, 1_000: 4.0, 10_000: 30.0}
ON_TWO = 1.7


@dataclass
class Cost:
    """Microseconds a message, round by round."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)


def measure(setting: Setting) -> Iterator[Row]:
    """All rows of this part."""
    letters = list(islice(setting.letters.small, MESSAGES))
    maildir = write_maildir(setting.place / "maildir", letters)
    sizes = [size for size in setting.sizes if size in FASTER]
    costs: dict[str, Cost] = {}
    turns: dict[str, Callable[[], None]] = {}
    for size in sizes:
        registry = write_csv(setting.place / f"scan-{size}.csv", size)
        costs[f"sosie {size}"] = Cost()
        turns[f"sosie {size}"] = _scanner(costs[f"sosie {size}"], registry, maildir, 1, len(letters))
        with setting.if_installed():
            sieve = Sieve(setting.place, maildir, size)
            costs[f"sieve {size}"] = Cost()
            turns[f"sieve {size}"] = _filterer(costs[f"sieve {size}"], sieve, len(letters))
    setting.turns(turns)
    for size in sizes:
        yield from _rows(size, costs[f"sosie {size}"], costs.get(f"sieve {size}"))
    yield from _on_two(setting, letters, setting.place / f"scan-{sizes[0]}.csv", sizes[0])


def _rows(size: int, ours: Cost, theirs: Cost | None) -> Iterator[Row]:
    yield Row(PART, f"CPU a message, {MESSAGES:,} with the start", size, middle(ours.cpu), COST,
              spread=(min(ours.cpu), max(ours.cpu)))  # fmt: skip
    if theirs:
        value, spread = times_fewer(ours.cpu, theirs.cpu)
        yield Row(PART, "the same beside", size, value, FASTER[size], at_least=True, ours=middle(ours.cpu),
                  peer="sieve-filter", theirs=middle(theirs.cpu), spread=spread)  # fmt: skip


def _on_two(setting: Setting, letters: list[bytes], registry: Path, size: int) -> Iterator[Row]:
    archive = setting.place / "archive.mbox"
    with archive.open("wb") as stream:
        for raw in letters * (MANY // len(letters)):
            stream.write(b"From bounce@elsewhere.example Tue Nov 14 22:13:20 2023\n" + raw + b"\n")
    count = MANY // len(letters) * len(letters)
    one, two = Cost(), Cost()
    gained: list[float] = []
    setting.turns(
        {
            "1": _scanner(one, registry, archive, 1, count),
            "2": _scanner(two, registry, archive, 2, count),
            "loops": lambda: gained.append(2 * _loop(1) / _loop(2)),
        }
    )
    yield Row(PART, f"CPU a message, a mailbox file of {count:,} with the start", size, middle(one.cpu), COST,
              spread=(min(one.cpu), max(one.cpu)))  # fmt: skip
    value, spread = ratio_of(one.wall, two.wall)
    what = f"a mailbox file of {count:,} on two cores (wall)"
    yield Row(PART, what, size, value, ON_TWO, at_least=True, ours=middle(two.wall),
              peer="sosie on one", theirs=middle(one.wall), spread=spread)  # fmt: skip
    yield Row(PART, "two loops at once beside one after the other", 0, middle(gained), unit="×",
              spread=(min(gained), max(gained)))  # fmt: skip


def _loop(count: int) -> float:
    """Seconds that so many processes at once take to count."""
    began = time.perf_counter()
    running = [subprocess.Popen([sys.executable, "-c", "for _ in range(20_000_000): pass"]) for _ in range(count)]
    for one in running:
        one.wait()
    return time.perf_counter() - began


def _scanner(cost: Cost, registry: Path, mail: Path, jobs: int, count: int) -> Callable[[], None]:
    command = [SOSIE, "scan", "--json", "--registry", str(registry), "--authserv-id", AUTHSERV_ID]
    command += ["--jobs", str(jobs), str(mail)]
    return lambda: _run(cost, command, count, lines=count)


def _filterer(cost: Cost, sieve: Sieve, count: int) -> Callable[[], None]:
    return lambda: _run(cost, sieve.command(), count, user=USER, group=USER, extra_groups=[])


def _run(cost: Cost, command: list[str], count: int, lines: int = 0, **options: object) -> None:
    began, before = time.perf_counter(), os.times()
    done = subprocess.run(command, capture_output=True, check=False, **options)
    after = os.times()
    said = done.stdout.count(b"\n")
    if done.returncode not in (0, 1) or said < lines:
        raise RuntimeError(f"{command}: {done.returncode}, {said} lines: {done.stderr[-2000:]!r}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    cost.cpu.append(spent / count * 1e6)
    cost.wall.append((time.perf_counter() - began) / count * 1e6)
