"""From a name in a message to the identities it may claim: one look-up, whatever the size of the registry."""

from __future__ import annotations

from collections.abc import Iterable

from sosie.detection.identity import Identity
from sosie.likeness.person_name import normal_form


class Index:
    """Identities by the normal form of their names. Not changed once it is built."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        by_name: dict[str, list[Identity]] = {}
        for identity in identities:
            by_name.setdefault(normal_form(identity.name), []).append(identity)
        by_name.pop("", None)  # a name of invisible characters alone is nobody's
        self._by_name = {name: tuple(bearers) for name, bearers in by_name.items()}

    def __len__(self) -> int:
        """How many names are protected."""
        return len(self._by_name)

    def bearers(self, display_name: str) -> tuple[Identity, ...]:
        """The identities of this name, in the order in which they were given."""
        return self._by_name.get(normal_form(display_name), ())
