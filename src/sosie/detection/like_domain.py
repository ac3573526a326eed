"""An author at a domain that resembles a protected one: in which way, and who of ours has that local part there."""

from __future__ import annotations

from typing import NamedTuple

from sosie.detection.claim import Claim
from sosie.detection.identity import Identity
from sosie.detection.index import Index
from sosie.likeness.domain_likeness import DomainLikeness, DomainLikenessKind

LOOKS_ALIKE = frozenset({DomainLikenessKind.CONFUSABLE, DomainLikenessKind.EDIT})


class LikeDomain(NamedTuple):
    """`people` are those who have the author's local part at the protected domain."""

    claim: Claim
    likeness: DomainLikeness
    people: tuple[Identity, ...]

    @property
    def looks_alike(self) -> bool:
        """Whether the eye takes one for the other; else the name is whole, and something is put to it."""
        return self.likeness.kind in LOOKS_ALIKE

    @property
    def domain(self) -> str:
        """The author's."""
        return self.claim.address.domain if self.claim.address else ""

    @property
    def meant(self) -> str:
        """Which address or domain it would be taken for."""
        local_part = self.claim.address.local_part if self.claim.address and self.people else ""
        return f"{local_part}@{self.likeness.protected}" if local_part else self.likeness.protected


def like_domain(claim: Claim, index: Index) -> LikeDomain | None:
    """The surest likeness of the author's domain that counts: a strong one, or one by which somebody is meant."""
    if claim.address is None:
        return None
    for likeness in index.domains.lookalikes(claim.address.domain):
        people = index.at_registrable(claim.address.local_part, likeness.protected)
        if people or likeness.strong:
            return LikeDomain(claim, likeness, people)
    return None
