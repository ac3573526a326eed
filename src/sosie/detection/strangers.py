"""Whether a message has nothing to do with anybody protected: then there is nothing to find, and no technique is asked.

Theory of operation. Nearly all mail is from strangers, and what its From, Reply-To and Sender say was said before. So
each value of these fields is looked at once, as octets, and what was found out is remembered until the index changes:
does it name anybody, is its address or domain anybody's or like it, can it be read in several ways? Only where all of
that is denied, for every mailbox and for each name beside each address (a list or a gateway may put one beside the
other), is a message a stranger's. Whatever is out of the ordinary is not decided here but by the techniques.

This is a short cut and no judgement: `examine` comes to the same without it, and the tests say so for every letter.
"""

from __future__ import annotations

from sosie.detection.addresses import owners
from sosie.detection.case import Case, is_ours
from sosie.detection.claim import Claim
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
_UNDECIDED, _STRANGER, _STRANGER_AT_FREE_MAIL = range(3)


def is_strangers(message: Message, knowledge: Knowledge) -> bool:
    """Whether no technique can find anything in this message."""
    section = message.header_section
    names = section.names
    if section.defects or names.count(_FROM) != 1 or not _ODD.isdisjoint(names):
        return False
    author, reply_to, sender = section.only_line(_FROM), section.only_line(_REPLY_TO), section.only_line(_SENDER)
    if author is None or reply_to is None or sender is None or len(author) + len(reply_to) + len(sender) > MAX_VALUE:
        return False
    values = (author, reply_to, sender)
    known = knowledge.index.remembered_kinds()
    kind = known.get(values)
    if kind is None:
        kind = _kind_of(message, knowledge)
        if len(known) >= MAX_REMEMBERED:
            known.clear()
        known[values] = kind
    if kind == _STRANGER_AT_FREE_MAIL:
        return not _may_be_name(message.subject, knowledge)
    return kind == _STRANGER


def _may_be_name(subject: str, knowledge: Knowledge) -> bool:
    """Whether the Subject may be what `subject_name` looks for."""
    return bool(subject) and len(subject) <= MAX_LENGTH and bool(knowledge.index.named(subject))


def _kind_of(message: Message, knowledge: Knowledge) -> int:
    case = Case(message, knowledge)
    authors, replies = message.author, message.reply_to
    if len(authors) != 1 or message.author_defects or len(replies) > 1 or message.reply_to_defects:
        return _UNDECIDED
    beside = [Mailbox(authors[0].display_name, reply.address_text) for reply in replies]
    if any(_is_somebodys(case.claim("From", mailbox), knowledge) for mailbox in (*authors, *replies, *beside)):
        return _UNDECIDED
    if message.sender_defects or any(case.claim("Sender", mailbox).matches for mailbox in message.sender):
        return _UNDECIDED
    address = authors[0].address
    return _STRANGER_AT_FREE_MAIL if address is not None and is_freemail(address.domain) else _STRANGER


def _is_somebodys(claim: Claim, knowledge: Knowledge) -> bool:
    """Whether anything about this claim is, or is like, what is protected."""
    index, address = knowledge.index, claim.address
    if address is None or claim.matches or may_hold_address(claim.mailbox.display_name):
        return True
    if owners(address, index) or is_ours(index.domains, address.domain) or address.domain in index.domains:
        return True
    return like_domain(claim, index) is not None or spelt_name(claim, index) is not None
