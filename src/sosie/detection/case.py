"""One message under judgement: what several techniques ask about it, worked out at first use and kept."""

from __future__ import annotations

from sosie.detection.addresses import owner_among, owners
from sosie.detection.authentication import FAILED, PASSED, Standing, believed_results, standing_of
from sosie.detection.behalf import behalf
from sosie.detection.claim import Claim
from sosie.detection.exemptions import Envelope
from sosie.detection.identity import Identity
from sosie.detection.knowledge import Knowledge
from sosie.detection.like_domain import LikeDomain, like_domain
from sosie.detection.mediation import Mediation, gateway_author, mediation_of
from sosie.detection.named_address import NamedAddress, may_hold_address, named_address
from sosie.detection.own_domains import OwnDomains
from sosie.detection.spelt_name import SpeltName, spelt_name
from sosie.detection.verdict import Exemption
from sosie.likeness.deceiving_characters import deceiving_characters
from sosie.likeness.domain_name import is_freemail
from sosie.mail.address import Address
from sosie.mail.fact import fact
from sosie.mail.mailbox import Mailbox
from sosie.mail.message import Message
from sosie.mail.trusted_results import TrustedResults

MAX_MAILBOXES = 16  # of a field that are judged, so that a list of hundreds costs no more than some milliseconds
_NO_ENVELOPE = Envelope()


class Case:
    """A message and the knowledge to judge it by. `exemptions` collects why something counts less or not at all."""

    def __init__(self, message: Message, knowledge: Knowledge, envelope: Envelope = _NO_ENVELOPE) -> None:
        self.message = message
        self.knowledge = knowledge
        self.envelope = envelope
        self.exemptions: list[Exemption] = []

    @fact
    def results(self) -> TrustedResults:
        """What trusted hosts found out about its sender, or we where none has."""
        return believed_results(self.message, self.knowledge.trusted_authserv_ids, self.envelope)

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

    @fact
    def false_authors(self) -> tuple[tuple[Claim, str], ...]:
        """Authors who bear a protected name and none of its addresses, each with what says that it writes for one."""
        return tuple([(claim, behalf(claim)) for claim in self.authors if claim.matches and claim.owner is None])

    @fact
    def holders(self) -> tuple[tuple[Identity, ...], ...]:
        """Whose address each of the authors has."""
        return tuple([self._holders(claim) for claim in self.authors])

    @fact
    def ours(self) -> tuple[tuple[Claim, Address, tuple[Identity, ...]], ...]:
        """The authors whose address or domain is protected, each with the address and whose it is."""
        domains = self.knowledge.index.domains
        return tuple(
            [
                (claim, claim.address, people)
                for claim, people in zip(self.authors, self.holders, strict=True)
                if claim.address and (people or is_ours(domains, claim.address.domain))
            ]
        )

    def _holders(self, claim: Claim) -> tuple[Identity, ...]:
        if claim.owner is not None:
            return (claim.owner,)
        return owners(claim.address, self.knowledge.index) if claim.address else ()

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

    @fact
    def named_addresses(self) -> tuple[NamedAddress, ...]:
        """Protected addresses in the names of authors who have others."""
        index, vouched = self.knowledge.index, self.is_authenticated
        named = [claim for claim in self.authors if may_hold_address(claim.mailbox.display_name)]
        return tuple([held for claim in named if (held := named_address(claim, index, vouched))])

    @fact
    def like_domains(self) -> tuple[LikeDomain, ...]:
        """Authors at a domain that resembles a protected one, whose address is nobody's that they name."""
        index = self.knowledge.index
        return tuple([like for claim in self.authors if claim.owner is None and (like := like_domain(claim, index))])

    @fact
    def spelt_names(self) -> tuple[SpeltName, ...]:
        """Authors of whom only the local part says somebody protected."""
        index = self.knowledge.index
        return tuple([spelt for claim in self.authors if not claim.matches and (spelt := spelt_name(claim, index))])

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


def is_ours(domains: OwnDomains, domain: str) -> bool:
    """Whether a domain is protected, or that of an entry, or lies below one."""
    return (domain in domains and not is_freemail(domain)) or domains.owns(domain)


def _some(mailboxes: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
    """The first ones and the last, which programs show."""
    return mailboxes if len(mailboxes) <= MAX_MAILBOXES else (*mailboxes[: MAX_MAILBOXES - 1], mailboxes[-1])
