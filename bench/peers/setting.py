"""What every part is given."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from processes import NotInstalled

from letters import Letters, forged
from quality.namesakes import namesakes


@dataclass
class Setting:
    """`place` is a folder that is removed at the end; `seconds` is how long wrk asks at a time."""

    place: Path
    letters: Letters
    sizes: tuple[int, ...]
    rounds: int
    seconds: int
    left_out: list[str] = field(default_factory=list)
    _turns: random.Random = field(default_factory=lambda: random.Random(1))

    @property
    def probe(self) -> bytes:
        """A letter that everybody must find: the first person of every registry is forged."""
        return forged(next(namesakes(1)))

    def turns(self, contenders: dict[str, Callable[[], None]]) -> None:
        """Rounds in which each has its turn, every time in another order."""
        for _ in range(self.rounds):
            names = list(contenders)
            self._turns.shuffle(names)
            for name in names:
                contenders[name]()

    @contextmanager
    def if_installed(self) -> Iterator[None]:
        """Leave out, and say so, what is not on this machine."""
        try:
            yield
        except NotInstalled as error:
            if str(error) not in self.left_out:
                self.left_out.append(str(error))
                print(f"left out: {error} is not installed", flush=True)
