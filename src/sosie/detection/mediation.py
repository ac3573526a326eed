"""Lists and gateways: mediators that rewrite From, break signatures and are honest all the same (RFC 5598, 5.3).

Everything that a header says of a list can be forged, so the facts must agree with each other and, where trusted hosts
have left results, with those. A list that agrees explains two things: that From names the list in the author's stead
("Jane Roe via Lab"), which is then judged as the author's own address; and that the author's DMARC result is a failure.
It explains no look-alike, no disguise and no answer that goes elsewhere, and the service that a name mentions is never
looked at: "via DocuSign" is what anybody can write.
"""

from __future__ import annotations

from typing import NamedTuple

from sosie.detection.authentication import PASSED, UNKNOWN, aligned, standing_of
from sosie.likeness.domain_name import is_freemail
from sosie.likeness.person_name import normal_form
from sosie.mail.address import Address
from sosie.mail.mailbox import Mailbox
from sosie.mail.mailing_list import MailingList
from sosie.mail.message import Message
from sosie.mail.trusted_results import TrustedResults


class Mediation(NamedTuple):
    """A list that agrees with itself: its domain, whether it put itself into From, and the original author if it says
    who that was.

    `answered`: the original author gets the answers; else who writes the fields himself gains by it, so that the list
    must be known. `believed`: trusted results agree too, or there are none. `is_hosts`: the list is that of a trusted
    host, which saw the mail before the list sent it on.
    """

    domain: str
    rewrote: bool = False
    original: Mailbox | None = None
    answered: bool = False
    believed: bool = False
    is_hosts: bool = False


def mediation_of(message: Message, results: TrustedResults) -> Mediation | None:
    """The list through which the message came; None without one, or with one that cannot be."""
    found = message.mailing_list
    if found is None or not found.list_id:
        return None
    domain = _relaying_domain(message, found)
    author = message.author[0] if len(message.author) == 1 else None
    if not domain or is_freemail(domain) or author is None or author.address is None:
        return None
    rewrote = _is_of_list(author.address, found)
    original = _original(message, author) if rewrote else None
    return Mediation(
        domain,
        rewrote,
        original,
        answered=bool(message.reply_to),
        believed=_is_believed(domain, message, results, original),
        is_hosts=_wrote_results(domain, message, results),
    )


def _relaying_domain(message: Message, found: MailingList) -> str:
    """The list's domain, to which its envelope or its own address must belong too."""
    _, _, namespace = found.list_id.partition(".")
    bounces = message.return_path
    for domain in found.domains:
        if aligned(domain, namespace) and (bounces is None or aligned(bounces.domain, domain)):
            return domain
    return ""


def _is_believed(domain: str, message: Message, results: TrustedResults, original: Mailbox | None) -> bool:
    """Whether trusted results, if there are any, agree: they vouch for the list's host or for the author that it names,
    or the host itself wrote them."""
    if not results.present:
        return True
    if standing_of(domain, results) is PASSED:
        return True
    if original is not None and original.address and standing_of(original.address.domain, results) is PASSED:
        return True
    return _wrote_results(domain, message, results)


def _wrote_results(domain: str, message: Message, results: TrustedResults) -> bool:
    """Whether the list's own host looked at the mail before the list sent it on: it did not see the list's envelope."""
    if not any(aligned(host, domain) for host in results.authserv_ids):
        return False
    return message.return_path is not None and not aligned(results.spf_domain, domain)


def _is_of_list(address: Address, found: MailingList) -> bool:
    return any(address.compared == one.compared for one in found.addresses)


def _original(message: Message, author: Mailbox) -> Mailbox | None:
    """Whom the list says that it speaks for, under the same name: by Reply-To, or without one by X-Original-From."""
    named_by = message.reply_to or message.original_from
    if len(named_by) != 1:
        return None
    (mailbox,) = named_by
    address = mailbox.address
    if address is None or (author.address and address.compared == author.address.compared):
        return None
    named = mailbox.display_name or next((one.display_name for one in message.original_from), "")
    if named and normal_form(named) not in normal_form(author.display_name):
        return None
    return Mailbox(named or author.display_name, mailbox.address_text)


def gateway_author(message: Message, results: TrustedResults) -> Mailbox | None:
    """Whom a gateway writes for, whose own domain it may not use: its address spells out theirs, authenticated where
    there are results, and they alone get the answers (`bounce+jane.roe.example.com@relay.example`)."""
    if len(message.author) != 1 or len(message.reply_to) != 1:
        return None
    (author,), (reply,) = message.author, message.reply_to
    address, own = author.address, reply.address
    if address is None or own is None:
        return None
    local_part, spelt = address.local_part.casefold(), own.text.casefold()
    if not any(spelt.replace("@", between) in local_part for between in ".=_"):
        return None
    if standing_of(address.domain, results) not in (PASSED, UNKNOWN):
        return None
    return Mailbox(author.display_name, reply.address_text)
