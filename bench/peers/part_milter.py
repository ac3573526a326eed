"""Judging as a milter on a unix socket: CPU a message on one connection that stays open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from processes import NotInstalled, Program, cpu_microseconds
from rows import Row, middle, times_fewer
from rspamd import Rspamd
from setting import Setting
from sosies import Sosie
from talk import MilterClient

from letters import write_json

PART = "milter"
BLOCK = 500
WARM = 3_000
DEBIANS_PYTHON = "/usr/bin/python3"
OURS, DICT, RSPAMD = "sosie", "pymilter with a dict", "rspamd, rule"


@dataclass
class Contender:
    """A milter, and microseconds of CPU a message, round by round."""

    pid: int
    client: MilterClient
    taken: list[float] = field(default_factory=list)


def measure(setting: Setting) -> Iterator[Row]:
    """All rows of this part."""
    with ExitStack() as running:
        contenders = {size: _start(setting, size, running) for size in setting.sizes}
        setting.turns(
            {
                f"{size} {name}": _asker(setting, one)
                for size, named in contenders.items()
                for name, one in named.items()
            }
        )
    for size, named in contenders.items():
        for peer, limit in ((DICT, 1.0), (RSPAMD, 4.0)):
            if peer in named:
                ours, theirs = named[OURS].taken, named[peer].taken
                value, spread = times_fewer(ours, theirs)
                yield Row(PART, "CPU a message, unix socket", size, value, limit, at_least=True,
                          ours=middle(ours), peer=peer, theirs=middle(theirs), spread=spread)  # fmt: skip


def start_dict_milter(place: Path, size: int, probe: bytes) -> tuple[Program, str]:
    """pymilter with a dict of so many people, and its socket."""
    there = Path(DEBIANS_PYTHON).exists() and any(Path("/usr/lib/python3/dist-packages").glob("Milter*"))
    if not there:
        raise NotInstalled("pymilter (Debian: python3-milter)")
    path = str(place / f"dict-{size}")
    people = write_json(place / f"people-{size}.json", size)
    command = [DEBIANS_PYTHON, str(Path(__file__).with_name("dict_milter.py")), path, str(people)]
    program = Program(command, place / f"dict-{size}.log")
    program.wait_for(lambda: b"h" in MilterClient(path).ask(probe))
    Path(path).chmod(0o666)
    return program, path


def _start(setting: Setting, size: int, running: ExitStack) -> dict[str, Contender]:
    ours = Sosie(setting.place, size)
    running.callback(ours.stop)
    program, _ = ours.start_milter(setting.probe)
    named = {OURS: Contender(program.pid, MilterClient(ours.milter_path))}
    with setting.if_installed():
        rspamd = Rspamd(setting.place, size)
        running.callback(rspamd.stop)
        rspamd.start(setting.probe)
        named[RSPAMD] = Contender(rspamd.program.pid, MilterClient(rspamd.milter_path))
    with setting.if_installed():
        dict_milter, path = start_dict_milter(setting.place, size, setting.probe)
        running.callback(dict_milter.stop)
        named[DICT] = Contender(dict_milter.pid, MilterClient(path))
    return named


def _asker(setting: Setting, one: Contender) -> Callable[[], None]:
    letters = setting.letters.small
    asked = WARM
    for letter in letters[:WARM]:  # a milter runs for weeks: what its first minute costs is not counted
        one.client.ask(letter)

    def ask() -> None:
        nonlocal asked
        before = cpu_microseconds(one.pid)
        for number in range(BLOCK):
            one.client.ask(letters[(asked + number) % len(letters)])
        one.taken.append((cpu_microseconds(one.pid) - before) / BLOCK)
        asked += BLOCK

    return ask
