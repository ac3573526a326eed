"""What a message teaches: who wrote as whom, and whether that is proven; or to whom we wrote.

Anybody can write in any name, so what counts is authenticated mail alone: trusted authentication results must vouch for
the author's domain. A message whose author can be read in more than one way teaches nothing. A message that was flagged
is counted as received and never as authenticated: whoever pretends to be somebody from a mailbox of his own would
otherwise become an acquaintance by doing it twice. What an automatic reply was sent to, nobody chose to write to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sosie.detection.arrival import NO_ENVELOPE
from sosie.detection.authentication import aligned, believed_results
from sosie.detection.exemptions import Envelope
from sosie.detection.history import Acquaintance, compared, fault_of
from sosie.mail.date_time import read_date_time
from sosie.mail.defect import Defect
from sosie.mail.mailbox import Mailbox, read_mailboxes
from sosie.mail.message import Message
from sosie.mail.trusted_results import TrustedResults

MAX_RECIPIENTS = 50  # of one message: a letter to more is a circular, and makes nobody an acquaintance

# What honest programs do to a display name. With any other defect another reader may find another author.
_HARMLESS = {
    Defect.INVALID_UTF8,
    Defect.UNKNOWN_CHARSET,
    Defect.INVALID_ENCODED_WORD,
    Defect.LINE_BREAK_IN_ENCODED_WORD,
    Defect.ENCODED_WORD_IN_QUOTED_STRING,
    Defect.SPECIAL_IN_ENCODED_WORD,
    Defect.UNQUOTED_COMMA,
    Defect.UNQUOTED_COLON,
    Defect.UNQUOTED_BACKSLASH,
}
_AUTOMATIC = ("bulk", "junk", "auto_reply")
_REWRITTEN = frozenset({b"x-original-sender", b"x-original-from", b"x-google-original-from"})
_MISREAD = {Defect.SPACE_BEFORE_COLON, Defect.FOLDED_BEFORE_COLON, Defect.LEADING_WHITE_SPACE, Defect.NUL}


def learn_received(
    message: Message,
    trusted_authserv_ids: Collection[str],
    moment: str = "",
    *,
    flagged: bool = False,
    envelope: Envelope = NO_ENVELOPE,
) -> tuple[Acquaintance, ...]:
    """What a message that came in at `moment` (RFC 3339 in UTC, empty if unknown) says of its author: one, or none.

    `trusted_authserv_ids`: whose authentication results are believed (RFC 8601, 5); `envelope` may bring our own.
    """
    author = _only_author(message)
    if author is None or fault_of(author.display_name, author.address_text):
        return ()
    proven = not flagged and _is_proven(message, author, believed_results(message, trusted_authserv_ids, envelope))
    return (Acquaintance(author.display_name, author.address_text, 1, int(proven), moment, moment),)


def learn_sent(message: Message, moment: str = "") -> tuple[Acquaintance, ...]:
    """What a message of ours says of those it was written to, each address once."""
    if _is_automatic(message):
        return ()
    found: dict[str, Acquaintance] = {}
    for mailbox in _recipients(message):
        if mailbox.address is not None and not fault_of(mailbox.display_name, mailbox.address_text):
            one = Acquaintance(mailbox.display_name, mailbox.address_text, 0, 0, moment, moment, 1)
            found.setdefault(compared(mailbox.address_text), one)
    return tuple(found.values()) if len(found) <= MAX_RECIPIENTS else ()


def is_authenticated(message: Message, trusted_authserv_ids: Collection[str], envelope: Envelope = NO_ENVELOPE) -> bool:
    """Whether trusted results vouch for the domain of the one author.

    DMARC has passed for it; or nothing is said of DMARC, and DKIM or SPF has passed for a domain that is aligned with
    it in the relaxed way, which here means that one organisation has registered both (RFC 7489, 3.1 and 3.2: by the
    list of public suffixes, because RFC 9989 would ask the DNS). Results that contradict each other prove nothing; nor
    do those of a mailing list that has put its own address into From, in which anybody may write under any name.
    """
    author = _only_author(message)
    return author is not None and _is_proven(message, author, believed_results(message, trusted_authserv_ids, envelope))


def _is_proven(message: Message, author: Mailbox, results: TrustedResults) -> bool:
    return _is_vouched_for(author, results) and not _is_rewritten(message, author)


def _is_vouched_for(author: Mailbox, results: TrustedResults) -> bool:
    if author.address is None or not results.present or results.contradictory:
        return False
    domain = author.address.domain
    if results.dmarc == "pass":
        return not results.dmarc_domain or aligned(results.dmarc_domain, domain)
    if results.dmarc not in ("", "none"):
        return False
    passed = (*results.dkim_pass_domains, *((results.spf_domain,) if results.spf == "pass" else ()))
    return any(aligned(one, domain) for one in passed)


def received_on(message: Message) -> str:
    """When the message came in, as RFC 3339 with whole seconds in UTC; empty where that cannot be told.

    The topmost Received says it (RFC 5321, 4.4): the host that took the message last has written it. Without one, Date
    does, which is what the author claims.
    """
    for name in (b"received", b"date"):
        for value in message.header_section.values(name)[:1]:
            moment = read_date_time(value.rpartition(b";")[2])
            if moment:
                return moment
    return ""


def _only_author(message: Message) -> Mailbox | None:
    """The author, where there is one and every reader finds the same."""
    if len(message.author) != 1 or not _HARMLESS.issuperset(message.author_defects):
        return None
    author = message.author[0]
    return None if author.address is None or _MISREAD & message.header_section.defects else author


def _recipients(message: Message) -> Iterator[Mailbox]:
    """Of To, Cc and Bcc, which a message that is kept as sent still has (RFC 5322, 3.6.3)."""
    for name in (b"to", b"cc", b"bcc"):
        for value in message.header_section.values(name)[:1]:
            yield from read_mailboxes(value).mailboxes


def _is_automatic(message: Message) -> bool:
    """Sent by a program of its own accord (RFC 3834, 5), also by one that does not know that RFC; or a report."""
    return message.auto_submitted not in ("", "no") or message.precedence in _AUTOMATIC or message.is_report


def _is_rewritten(message: Message, author: Mailbox) -> bool:
    """Whether a mailing list wrote its own address into From: then it vouches for itself, and not for the name."""
    if message.mailing_list is None and _REWRITTEN.isdisjoint(message.header_section.names):
        return False
    original = [one.compared for one in (message.original_sender, *(m.address for m in message.original_from)) if one]
    posting = message.mailing_list.addresses if message.mailing_list else ()
    mine = compared(author.address_text)
    return mine in {one.compared for one in posting} or any(one != mine for one in original)
