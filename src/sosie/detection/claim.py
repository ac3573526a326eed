"""What a mailbox of a message claims: whom its name means, and whether its address is theirs."""

from __future__ import annotations

from typing import NamedTuple

from sosie.detection.identity import Identity
from sosie.detection.index import NameMatch
from sosie.mail.address import Address
from sosie.mail.mailbox import Mailbox


class Claim(NamedTuple):
    """A mailbox that a field names, whom its display name may mean, and whose of them its address is.

    `owner` is None where the address belongs to none of those who are meant.
    """

    field: str
    mailbox: Mailbox
    address: Address | None
    matches: tuple[NameMatch, ...]
    owner: Identity | None

    @property
    def is_false(self) -> bool:
        """Whether somebody is named and the address is nobody's of that name."""
        return bool(self.matches) and self.owner is None

    @property
    def shown_address(self) -> str:
        """The address for people to read."""
        return self.address.text if self.address else self.mailbox.address_text or "no address"
