"""One message under judgement: what several techniques ask about it, worked out at first use and kept."""

from __future__ import annotations

from typing import NamedTuple

from sosie.detection.addresses import owner_among
from sosie.detection.authentication import FAILED, PASSED, Standing, standing_of
from sosie.detection.exemptions import Envelope
from sosie.detection.identity import Identity
from sosie.detection.index import NameMatch
from sosie.detection.knowledge import Knowledge
from sosie.detection.mediation import Mediation, gateway_author, mediation_of
from sosie.detection.verdict import Exemption
from sosie.likeness.deceiving_characters import deceiving_characters
from sosie.mail.address import Address
from sosie.mail.fact import fact
from sosie.mail.mailbox import Mailbox
from sosie.mail.message import Message
from sosie.mail.trusted_results import TrustedResults

MAX_MAILBOXES = 16  # of a field that are judged, so that a list of hundreds costs no more than some milliseconds
_NO_ENVELOPE = Envelope()


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


class Case:
    """A message and the knowledge to judge it by. `exemptions` collects why something counts less or not at all."""

    def __init__(self, message: Message, knowledge: Knowledge, envelope: Envelope = _NO_ENVELOPE) -> None:
        self.message = message
        self.knowledge = knowledge
        self.envelope = envelope
        self.exemptions: list[Exemption] = []

    @fact
    def results(self) -> TrustedResults:
        """What trusted hosts found out about its sender."""
        return self.message.trusted_results(self.knowledge.trusted_authserv_ids)

    @fact
    def mediation(self) -> Mediation | None:
        """The mailing list that it came through, if that is believed."""
        return self._list if self._list is not None and self._list.believed else None

    @fact
    def _list(self) -> Mediation | None:
        return mediation_of(self.message, self.results) if self.message.mailing_list is not None else None

    @fact
    def authors(self) -> tuple[Claim, ...]:
        """The mailboxes of From; of mail that a list or a gateway rewrote, the original author. Neither explains a
        disguise: a name in one is judged by the address that it stands beside."""
        named = self._original_author
        if named is not None and not (named.owner is not None and self._is_disguised):
            return (named,)
        return tuple(self.claim("From", mailbox) for mailbox in _some(self.message.author))

    @property
    def _is_disguised(self) -> bool:
        return any(deceiving_characters(mailbox.display_name) for mailbox in _some(self.message.author))

    @property
    def _original_author(self) -> Claim | None:
        if b"reply-to" not in self.message.header_section.names and self._list is None:
            return None
        if self._list is not None and (rewritten := self._list.original) is not None:
            original = self.claim("From", rewritten)
            if self._list.answered and (self.mediation is not None or original.owner is not None):
                return original  # who forges this has the answers sent to the person
            if self.mediation is not None and self.knowledge.history.has_domain(self.mediation.domain):
                return original
        through = gateway_author(self.message, self.results)
        return self.claim("From", through) if through is not None else None

    @fact
    def replies(self) -> tuple[Claim, ...]:
        """The mailboxes of Reply-To."""
        return tuple(self.claim("Reply-To", mailbox) for mailbox in _some(self.message.reply_to))

    def claim(self, field: str, mailbox: Mailbox) -> Claim:
        """What a mailbox claims."""
        index = self.knowledge.index
        address = mailbox.address
        name = mailbox.display_name
        if not name and address and " " in address.local_part:  # "Jane Roe"@mail.example is shown as a name
            name = address.local_part
            mailbox = Mailbox(name, mailbox.address_text)
        matches = index.named(name) if name else ()
        for other in (mailbox.comment, mailbox.group_name) if not matches else ():
            if other and (matches := index.named(other)):
                mailbox = Mailbox(other, mailbox.address_text)
                break
        owner = owner_among(address, [match.identity for match in matches], index) if address and matches else None
        return Claim(field, mailbox, address, matches, owner)

    def standing(self, domain: str) -> Standing:
        """Whether trusted results vouch for mail in the name of this domain."""
        return standing_of(domain, self.results)

    def is_authenticated(self, domain: str) -> bool:
        """Whether they do."""
        return self.standing(domain) is PASSED

    def is_denied(self, domain: str) -> bool:
        """Whether they say that the mail is not the domain's, and no honest list explains that."""
        return self.standing(domain) is FAILED and self.mediation is None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Whose name stands beside which address: the entry ids and addresses of false claims."""
        return tuple(
            (claim.matches[0].identity.entry_id, claim.address.text if claim.address else "")
            for claim in (*self.authors, *self.replies)
            if claim.is_false
        )

    def exempt(self, name: str, reason: str) -> None:
        """Note why something counts less or not at all, once."""
        exemption = Exemption(name, reason)
        if exemption not in self.exemptions:
            self.exemptions.append(exemption)


def _some(mailboxes: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
    """The first ones and the last, which programs show."""
    return mailboxes if len(mailboxes) <= MAX_MAILBOXES else (*mailboxes[: MAX_MAILBOXES - 1], mailboxes[-1])
