"""Recall: of the attacks of each class, the share that is flagged at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import mean
from typing import NamedTuple

from quality.compose import attack_message
from quality.crowd import Detector, judge_all
from quality.judgement import GRAVE
from quality.letters import Attack
from sosie.detection.verdict import Verdict

LIMIT_MEAN = 0.97
LIMIT_CLASS = 0.85
# Classes with a limit of their own, by the number in front of their name: initials alone are many people's, and a name
# that stands in Reply-To only can have no other meaning.
LIMITS = {"05": 0.70, "27": 0.95}


class Recall(NamedTuple):
    """`shares`: by class. `grave`: the share of all classes' mean with a grave disposition."""

    shares: dict[str, float]
    grave: float
    missed: list[Attack]

    @property
    def mean(self) -> float:
        """Over classes, however many attacks each has."""
        return mean(self.shares.values())

    @property
    def short(self) -> list[str]:
        """The classes that are below their limit."""
        return [kind for kind, value in self.shares.items() if value < limit_of(kind)]


def limit_of(kind: str) -> float:
    """The least recall that the class must have."""
    return LIMITS.get(kind.partition(" ")[0], LIMIT_CLASS)


def measure(detector: Detector, attacks: Sequence[Attack]) -> Recall:
    """The recall of one detector."""
    verdicts = judge_all(detector, [attack_message(attack, number) for number, attack in enumerate(attacks)])
    sizes = Counter(attack.kind for attack in attacks)
    caught = _count(attacks, [verdict is not None for verdict in verdicts])
    grave = _count(attacks, [_is_grave(verdict) for verdict in verdicts])
    return Recall(
        {kind: caught[kind] / sizes[kind] for kind in sorted(sizes)},
        mean(grave[kind] / sizes[kind] for kind in sizes),
        [attack for attack, verdict in zip(attacks, verdicts, strict=True) if verdict is None],
    )


def _count(attacks: Sequence[Attack], counted: Sequence[bool]) -> Counter[str]:
    return Counter(attack.kind for attack, yes in zip(attacks, counted, strict=True) if yes)


def _is_grave(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.disposition in GRAVE
