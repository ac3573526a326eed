"""From the command to the first verdict that names somebody, and the memory of a process after it has judged."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from processes import Program, proportional_mebibytes
from rows import Row, middle
from rspamd import Rspamd
from setting import Setting
from sosies import Sosie
from talk import HttpClient, MilterClient

PART = "start"
READY = {10_000: 1.0, 100_000: 3.0}  # s
MEMORY = {10_000: 90.0, 100_000: 200.0}  # MiB
JUDGED = 3_000  # messages, before the memory is looked at


def measure(setting: Setting) -> Iterator[Row]:
    """All rows of this part; one program runs at a time, so that nobody shares its memory."""
    for size in [size for size in setting.sizes if size in READY]:
        yield from _ours(setting, size)
        with setting.if_installed():
            yield from _rspamds(setting, size)


def _ours(setting: Setting, size: int) -> Iterator[Row]:
    ours = Sosie(setting.place, size)
    snapshots = Path(ours.storage.data_dir) / "snapshots"
    for what, begin, fresh in (
        ("sosie serve, again", ours.start, False),
        ("sosie serve, without its last snapshot", ours.start, True),
        ("sosie milter, again", ours.start_milter, False),
    ):
        seconds, memory = [], 0.0
        _begin_once(begin, setting.probe)
        ours.stop()
        for _ in range(setting.rounds):
            if fresh:
                shutil.rmtree(snapshots, ignore_errors=True)
            program, taken = begin(setting.probe)
            seconds.append(taken)
            if len(seconds) == setting.rounds and not fresh:
                memory = _after_work(ours, program, setting.letters.small)
            ours.stop()
        yield Row(PART, f"{what}: first verdict (wall)", size, middle(seconds), READY[size], unit="s",
                  spread=(min(seconds), max(seconds)))  # fmt: skip
        if memory:
            yield Row(PART, f"{what}: memory (PSS) after {JUDGED:,} messages", size, memory, MEMORY[size], unit="MiB")


def _begin_once(begin: Callable[[bytes], object], probe: bytes) -> None:
    begin(probe)


def _after_work(ours: Sosie, program: Program, letters: list[bytes]) -> float:
    client: HttpClient | MilterClient = ours.client()
    with suppress(OSError):
        client = MilterClient(ours.milter_path)
    for number in range(JUDGED):
        client.ask(letters[number % len(letters)])
    return proportional_mebibytes(program.pid)


def _rspamds(setting: Setting, size: int) -> Iterator[Row]:
    rspamd = Rspamd(setting.place, size)
    seconds, memory = [], 0.0
    for _ in range(setting.rounds):
        seconds.append(rspamd.start(setting.probe))
        if len(seconds) == setting.rounds:
            client = rspamd.client()
            for number in range(JUDGED):
                client.ask(setting.letters.small[number % len(setting.letters.small)])
            memory = proportional_mebibytes(rspamd.program.pid)
        rspamd.stop()
    yield Row(PART, "rspamd: first verdict (wall)", size, middle(seconds), unit="s",
              spread=(min(seconds), max(seconds)))  # fmt: skip
    yield Row(PART, f"rspamd: memory (PSS) after {JUDGED:,} messages", size, memory, unit="MiB")
