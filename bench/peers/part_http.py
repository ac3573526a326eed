"""Judging over HTTP: CPU a message where as much is asked as the server answers, and how long one answer takes.

Each size of the registry has a sosie and an rspamd, all running at once, and every round asks each of them in turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from processes import cpu_microseconds
from rows import Row, middle, percentile, ratio_of, times_fewer
from rspamd import PATH, Rspamd
from setting import Setting
from sosies import Sosie
from spamassassin import Spamd
from talk import Wrk

SMALL, HEADS, LARGE = "small", "heads", "large"
PART = "http"
BLOCK = 100  # letters of one turn, where one is asked after the other
SPAMD_BLOCK = 10
MOST_FOR_SPAMD = 1_000
RULE, RULE_HEADS, MAPS, SPAMD = "rspamd, rule", "rspamd, rule, headers only", "rspamd, maps", "spamd, expression"


@dataclass
class Contender:
    """A server, and what it took: microseconds of CPU a message, round by round, and of each answer."""

    pid: int
    port: int
    path: str
    fields: str
    client: object
    kind: str = SMALL
    saturated: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)


def measure(setting: Setting) -> Iterator[Row]:
    """All rows of this part."""
    wrk = Wrk(setting.place)
    folders = _folders(setting)
    with ExitStack() as running:
        contenders = {size: _start(setting, size, running) for size in setting.sizes}
        each = {f"{size} {name}": one for size, named in contenders.items() for name, one in named.items()}
        full = {name: one for name, one in each.items() if not name.endswith(SPAMD)}
        for one in full.values():  # a server runs for weeks: what its first minute costs is not counted
            wrk.ask(one.port, one.path, one.fields, folders[one.kind], setting.seconds)
        setting.turns({name: partial(_saturate, wrk, one, folders, setting.seconds) for name, one in full.items()})
        first = {"n": 0}
        ones = {name: one for name, one in each.items() if one.kind == SMALL}
        setting.turns({name: _asker(setting, one, name, first) for name, one in ones.items()})
    for size, named in contenders.items():
        yield from _rows(size, named)
    yield from _growth(contenders)


def _folders(setting: Setting) -> dict[str, Path]:
    folders = {}
    for kind, letters in (
        (SMALL, setting.letters.small),
        (HEADS, setting.letters.heads),
        (LARGE, setting.letters.large),
    ):
        folder = folders[kind] = setting.place / f"letters-{kind}"
        folder.mkdir()
        for number, raw in enumerate(letters):
            (folder / f"{number:06}.eml").write_bytes(raw)
    return folders


def _start(setting: Setting, size: int, running: ExitStack) -> dict[str, Contender]:
    named = {}
    ours = Sosie(setting.place, size)
    running.callback(ours.stop)
    program, _ = ours.start(setting.probe)
    for name, kind in (("sosie", SMALL), ("sosie, large", LARGE)):
        named[name] = Contender(program.pid, ours.port, ours.path, ours.fields, ours.client(), kind)
    with setting.if_installed():
        rspamd = Rspamd(setting.place, size)
        running.callback(rspamd.stop)
        rspamd.start(setting.probe)
        for name, kind in ((RULE, SMALL), (RULE_HEADS, HEADS), (f"{RULE}, large", LARGE)):
            named[name] = Contender(rspamd.program.pid, rspamd.port, PATH, "", rspamd.client(), kind)
        maps = Rspamd(setting.place, size, multimap=True)
        running.callback(maps.stop)
        maps.start(setting.probe)
        named[MAPS] = Contender(maps.program.pid, maps.port, PATH, "", maps.client())
    if size <= MOST_FOR_SPAMD:
        with setting.if_installed():
            spamd = Spamd(setting.place, size)
            running.callback(spamd.stop)
            spamd.start(setting.probe)
            named[SPAMD] = Contender(spamd.program.pid, spamd.port, "", "", spamd.client())
    return named


def _saturate(wrk: Wrk, one: Contender, folders: dict[str, Path], seconds: int) -> None:
    before = cpu_microseconds(one.pid)
    answered = wrk.ask(one.port, one.path, one.fields, folders[one.kind], seconds)
    one.saturated.append((cpu_microseconds(one.pid) - before) / answered)


def _asker(setting: Setting, one: Contender, name: str, first: dict[str, int]) -> Callable[[], None]:
    block = SPAMD_BLOCK if name.endswith(SPAMD) else BLOCK
    letters = setting.letters.small

    def ask() -> None:
        first["n"] += BLOCK
        before = cpu_microseconds(one.pid)
        for number in range(block * 4):
            began = time.perf_counter()
            one.client.ask(letters[(first["n"] + number) % len(letters)])
            one.answers.append((time.perf_counter() - began) * 1e6)
        one.alone.append((cpu_microseconds(one.pid) - before) / (block * 4))

    return ask


def _rows(size: int, named: dict[str, Contender]) -> Iterator[Row]:
    ours = named["sosie"]
    for peer, limit in ((RULE, 5.0), (RULE_HEADS, 1.5), (MAPS, None)):
        if peer in named:
            theirs = named[peer]
            value, spread = times_fewer(ours.saturated, theirs.saturated)
            yield Row(PART, "CPU a message, saturated", size, value, limit, at_least=True,
                      ours=middle(ours.saturated), peer=peer, theirs=middle(theirs.saturated), spread=spread)  # fmt: skip # noqa: E501
    if RULE in named:
        large, theirs = named["sosie, large"].saturated, named[f"{RULE}, large"].saturated
        value, spread = times_fewer(large, theirs)
        yield Row(PART, "the same, large letters", size, value, 25.0, at_least=True,
                  ours=middle(large), peer=RULE, theirs=middle(theirs), spread=spread)  # fmt: skip
        for what, share, limit in (("one answer alone, p50", 0.5, 0.35), ("one answer alone, p99", 0.99, 0.5)):
            mine, its = percentile(ours.answers, share), percentile(named[RULE].answers, share)
            yield Row(PART, what, size, mine / its, limit, ours=mine, peer=RULE, theirs=its)
    if SPAMD in named:
        value, spread = times_fewer(ours.alone, named[SPAMD].alone)
        yield Row(PART, "CPU a message, one after the other", size, value, at_least=True,
                  ours=middle(ours.alone), peer=SPAMD, theirs=middle(named[SPAMD].alone), spread=spread)  # fmt: skip


def _growth(contenders: dict[int, dict[str, Contender]]) -> Iterator[Row]:
    few, many = min(contenders), max(contenders)
    if few == many:
        return
    small, large = contenders[few]["sosie"], contenders[many]["sosie"]
    value, spread = ratio_of(large.saturated, small.saturated)
    yield Row(PART, "CPU a message, saturated", many, value, 1.15, ours=middle(large.saturated),
              peer=f"sosie, {few:,} people", theirs=middle(small.saturated), spread=spread)  # fmt: skip
