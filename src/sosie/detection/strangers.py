"""Whether a message is a stranger's, or somebody's own: then there is nothing to find, and no technique is asked.

Theory of operation. Nearly all mail is from strangers, and what its From, Reply-To and Sender say was said before. So
each value of these fields is looked at once, as octets, and what was found out is remembered until the index changes:
does it name anybody, is its address or domain anybody's or like it, can it be read in several ways? Only where all of
that is denied, for every mailbox and for each name beside each address (a list or a gateway may put one beside the
other), is a message a stranger's. And where From bears a protected name beside an address of that person, who alone
gets the answers, the message is somebody's own, unless authentication says otherwise. Whatever is out of the ordinary
is not decided here but by the techniques.

This is a short cut and no judgement: `examine` comes to the same without it, and the tests say so for every letter.
"""

from __future__ import annotations

from sosie.detection.addresses import owners
from sosie.detection.authentication import PASSED, believed_results, standing_of
from sosie.detection.case import Case, is_ours
from sosie.detection.claim import Claim
from sosie.detection.exemptions import Envelope
from sosie.detection.knowledge import Knowledge
from sosie.detection.like_domain import like_domain
from sosie.detection.named_address import may_hold_address
from sosie.detection.spelt_name import spelt_name
from sosie.detection.techniques.subject_name import MAX_LENGTH
from sosie.likeness.domain_name import is_freemail
from sosie.mail.mailbox import Mailbox
from sosie.mail.message import Message

MAX_VALUE = 500  # octets of a field that is remembered; honest ones have at most some two hundred
MAX_REMEMBERED = 20_000  # values, some 10 MB

# Fields by which the author is somebody else than From says, or there are several: never decided here.
_ODD = frozenset((b"x-original-from", b"x-google-original-from", b"resent-from", b"resent-sender"))
_FROM, _REPLY_TO, _SENDER = b"from", b"reply-to", b"sender"

# What is remembered of a pair of From and Reply-To.
_UNDECIDED, _STRANGER, _STRANGER_AT_FREE_MAIL, _OWN = range(4)


def is_strangers(message: Message, knowledge: Knowledge) -> bool:
    """Whether the message has nothing to do with anybody protected."""
    kind = _kind_of(message, knowledge)
    if kind == _STRANGER_AT_FREE_MAIL:
        return not _may_be_name(message.subject, knowledge)
    return kind == _STRANGER


def is_own(message: Message, knowledge: Knowledge, envelope: Envelope) -> bool:
    """Whether the message is from somebody protected, as far as anybody has looked."""
    if _kind_of(message, knowledge) != _OWN:
        return False
    address = message.author[0].address
    results = believed_results(message, knowledge.trusted_authserv_ids, envelope)
    if address is None or results.contradictory:
        return False
    return not results.present or standing_of(address.domain, results) is PASSED


def _kind_of(message: Message, knowledge: Knowledge) -> int:
    """What is known of the fields that say who wrote this."""
    section = message.header_section
    names = section.names
    if section.defects or names.count(_FROM) != 1 or not _ODD.isdisjoint(names):
        return _UNDECIDED
    author, reply_to, sender = section.only_line(_FROM), section.only_line(_REPLY_TO), section.only_line(_SENDER)
    if author is None or reply_to is None or sender is None or len(author) + len(reply_to) + len(sender) > MAX_VALUE:
        return _UNDECIDED
    values = (author, reply_to, sender)
    known = knowledge.index.remembered_kinds()
    kind = known.get(values)
    if kind is None:
        kind = _found_out(message, knowledge)
        if len(known) >= MAX_REMEMBERED:
            known.clear()
        known[values] = kind
    return kind


def _may_be_name(subject: str, knowledge: Knowledge) -> bool:
    """Whether the Subject may be what `subject_name` looks for."""
    return bool(subject) and len(subject) <= MAX_LENGTH and knowledge.index.may_be_name(subject)


def _found_out(message: Message, knowledge: Knowledge) -> int:
    case = Case(message, knowledge)
    authors, replies = message.author, message.reply_to
    if len(authors) != 1 or message.author_defects or len(replies) > 1 or message.reply_to_defects:
        return _UNDECIDED
    author, answered = case.claim("From", authors[0]), [case.claim("Reply-To", mailbox) for mailbox in replies]
    senders = [case.claim("Sender", mailbox) for mailbox in message.sender]
    if message.sender_defects:
        return _UNDECIDED
    if author.owner is not None:
        plain = not may_hold_address(author.mailbox.display_name) and not any(one.is_false for one in senders)
        return _OWN if plain and all(_is_same(author, one) for one in answered) else _UNDECIDED
    beside = [case.claim("From", Mailbox(authors[0].display_name, reply.address_text)) for reply in replies]
    if any(one.matches for one in senders) or any(
        _is_somebodys(one, knowledge) for one in (author, *answered, *beside)
    ):
        return _UNDECIDED
    return _STRANGER_AT_FREE_MAIL if author.address is not None and is_freemail(author.address.domain) else _STRANGER


def _is_same(author: Claim, reply: Claim) -> bool:
    """Whether the answers go to the author."""
    if reply.is_false or author.address is None or reply.address is None:
        return False
    return author.address.compared == reply.address.compared


def _is_somebodys(claim: Claim, knowledge: Knowledge) -> bool:
    """Whether anything about this claim is, or is like, what is protected."""
    index, address = knowledge.index, claim.address
    if address is None or claim.matches or may_hold_address(claim.mailbox.display_name):
        return True
    if owners(address, index) or is_ours(index.domains, address.domain) or address.domain in index.domains:
        return True
    return like_domain(claim, index) is not None or spelt_name(claim, index) is not None
