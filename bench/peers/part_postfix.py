"""A real Postfix end to end: how many messages a second it takes with a milter, beside none, and beside rspamd's.

Every message comes in a session of its own, so every message also brings the milter a connection of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from part_milter import start_dict_milter
from postfix import Postfix
from processes import cpu_microseconds
from rows import Row, middle, ratio_of
from rspamd import Rspamd
from setting import Setting
from sosies import Sosie

from letters import honest

PART = "postfix"
PEOPLE = 1_000
MESSAGES = 600
NONE, OURS, OURS_TCP = "none", "sosie", "sosie over TCP"
RSPAMD, RSPAMD_TCP, DICT = "rspamd", "rspamd over TCP", "pymilter with a dict"
LIMITS = (
    (OURS, NONE, 0.85), (OURS, RSPAMD, 1.15), (OURS, DICT, None), (OURS_TCP, RSPAMD_TCP, 2.0), (OURS_TCP, OURS, None),
)  # fmt: skip


@dataclass
class Contender:
    """A milter by its address in smtpd_milters; messages a second, and its CPU a message in µs, round by round."""

    address: str
    pid: int = 0
    rates: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)


def measure(setting: Setting) -> Iterator[Row]:
    """All rows of this part."""
    with ExitStack() as running:
        contenders = {NONE: Contender(""), **_ours(setting, running), **_theirs(setting, running)}
        postfix = Postfix(setting.place, {name: one.address for name, one in contenders.items()})
        running.callback(postfix.stop)
        postfix.start()
        letter = setting.place / "honest.eml"
        letter.write_bytes(honest())
        for name in contenders:
            postfix.send(name, letter, MESSAGES // 6)
        setting.turns({name: _sender(postfix, name, one, letter) for name, one in contenders.items()})
    for name, peer, limit in LIMITS:
        if name in contenders and peer in contenders:
            yield _row(name, contenders[name], peer, contenders[peer], limit)
    for name, one in contenders.items():
        if one.pid:
            yield Row(PART, f"CPU a message of the milter: {name}", PEOPLE, middle(one.taken),
                      spread=(min(one.taken), max(one.taken)))  # fmt: skip


def _ours(setting: Setting, running: ExitStack) -> dict[str, Contender]:
    named = {}
    for name, inet in ((OURS, False), (OURS_TCP, True)):
        ours = Sosie(setting.place, PEOPLE)
        running.callback(ours.stop)
        program, _ = ours.start_milter(setting.probe, inet=inet)
        address = f"inet:127.0.0.1:{ours.milter_port}" if inet else f"unix:{ours.milter_path}"
        named[name] = Contender(address, program.pid)
    return named


def _theirs(setting: Setting, running: ExitStack) -> dict[str, Contender]:
    named = {}
    with setting.if_installed():
        rspamd = Rspamd(setting.place, PEOPLE)
        running.callback(rspamd.stop)
        rspamd.start(setting.probe)
        named[RSPAMD] = Contender(f"unix:{rspamd.milter_path}", rspamd.program.pid)
        named[RSPAMD_TCP] = Contender(f"inet:127.0.0.1:{rspamd.milter_port}", rspamd.program.pid)
    with setting.if_installed():
        program, path = start_dict_milter(setting.place, PEOPLE, setting.probe)
        running.callback(program.stop)
        named[DICT] = Contender(f"unix:{path}", program.pid)
    return named


def _sender(postfix: Postfix, name: str, one: Contender, letter: Path) -> Callable[[], None]:
    def send() -> None:
        before = cpu_microseconds(one.pid) if one.pid else 0.0
        one.rates.append(postfix.send(name, letter, MESSAGES))
        if one.pid:
            one.taken.append((cpu_microseconds(one.pid) - before) / MESSAGES)

    return send


def _row(name: str, one: Contender, peer: str, other: Contender, limit: float | None) -> Row:
    value, spread = ratio_of(one.rates, other.rates)
    return Row(PART, f"messages a second: {name}", PEOPLE, value, limit, at_least=True, unit="/s",
               ours=middle(one.rates), peer=peer, theirs=middle(other.rates), spread=spread)  # fmt: skip
