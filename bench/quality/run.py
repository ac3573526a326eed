"""One run: the letters it looks at, each read and taught once, and the figures it gathers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any, TypeVar

from quality.alarms import Judge
from quality.compose import AUTHSERV_ID
from quality.hosts import Hosts, believed_hosts
from quality.judgement import Knowledge
from quality.letters import Attack, Letter, Letters, Person
from quality.namesakes import namesakes
from quality.past import learn
from quality.table import Line
from sosie.detection.history import Acquaintance

T = TypeVar("T")

MODES = ("no auth", "auth", "history", "vouched")  # see Run.knowledge


class Run:
    """`sample` is about how many messages of each kind are looked at; 0 for all."""

    def __init__(self, letters: Letters, sample: int) -> None:
        self.letters = letters
        self.sample = sample
        self.lines: list[Line] = []
        self.figures: dict[str, Any] = {}

    @cached_property
    def attacks(self) -> list[Attack]:
        """The attacks, evenly thinned."""
        return self._thinned(self.letters.attacks)

    @cached_property
    def _lists(self) -> list[Letter]:
        return list(self.letters.lists())

    @cached_property
    def hosts(self) -> Hosts:
        """Whose results are believed, per list."""
        return believed_hosts(self._lists)

    @cached_property
    def mail(self) -> tuple[list[Letter], list[Letter]]:
        """The mail of the lists: the past, whole, and the test."""
        past: list[Letter] = []
        test: list[Letter] = []
        for letter in self._lists:
            (test if letter.time >= self.letters.cut_time else past).append(letter)
        return past, self._thinned(test)

    @cached_property
    def ham(self) -> list[Letter]:
        """The mail of another time."""
        return self._thinned(list(self.letters.ham()))

    @cache  # noqa: B019 - one run a process
    def registry(self, name: str) -> tuple[Person, ...]:
        """`v1` or `all`."""
        return tuple(self.letters.v1 if name == "v1" else self.letters.people.values())

    @cache  # noqa: B019 - one run a process
    def namesakes(self, count: int) -> tuple[Person, ...]:
        """Invented people."""
        return tuple(namesakes(count))

    @cache  # noqa: B019 - one run a process
    def past_pairs(self, *, vouched: bool) -> tuple[Acquaintance, ...]:
        """What the past teaches."""
        return learn(self.mail[0], self.hosts, vouched=vouched)

    def knowledge(self, mode: str) -> Knowledge:
        """`no auth`: entries alone. `auth`: authentication results are believed. `history`: and the past is known, as
        far as it was authenticated; `vouched`: as if all of it had been."""
        if mode == "no auth":
            return Knowledge()
        believed = (AUTHSERV_ID, *sorted(frozenset().union(*self.hosts.values())))
        history = self.past_pairs(vouched=mode == "vouched") if mode in ("history", "vouched") else ()
        return Knowledge(believed, history)

    def judge(self, registered: Sequence[Person]) -> Judge:
        """Who says of which kind a false alarm is."""
        pairs = ((one.name, one.address) for one in self.past_pairs(vouched=True))
        return Judge(registered, self.letters.people.values(), pairs, self.hosts)

    def limit(self, what: str, value: float, limit: float, *, at_least: bool = False) -> None:
        """Keep a figure with its limit."""
        self.lines.append(Line(what, value, limit, at_least))

    def to_json(self) -> dict[str, Any]:
        """Everything that was measured."""
        return {"sample": self.sample, "figures": self.figures, "limits": [line.to_json() for line in self.lines]}

    def _thinned(self, everything: list[T]) -> list[T]:
        return everything[:: max(1, len(everything) // self.sample)] if self.sample else everything
