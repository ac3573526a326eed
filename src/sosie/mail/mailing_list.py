"""What a header says of the mailing list that a message came through (RFC 2919, RFC 2369). Claims: anyone can write it.

A list is a mediator: it may rewrite From, break signatures and still be honest. Whether it is one's own judgement, for
which `domains` gives what can be compared with an authenticated domain.
"""

import re
from itertools import chain
from typing import NamedTuple
from urllib.parse import unquote

from sosie.mail.address import Address
from sosie.mail.encoded_words import decode_octets
from sosie.mail.header_fields import HeaderSection

MAX_FIELD_SIZE = 4 * 1024  # octets that are read of one field; List-Unsubscribe with its tokens has some hundreds
MAX_ADDRESSES = 8  # of one kind: lists have one or two

_LIST_ID = re.compile(r"<([^<>]*+)>[^<>]*+\Z")  # RFC 2919, 3: behind a phrase, which may hold anything
_MAILTO = re.compile(r"mailto:\s*+([^\s<>?,]++)", re.IGNORECASE)  # RFC 2369, 2
_ADDRESS = re.compile(r"(?<![^\s<>(),;:])[^\s<>(),;:@]++@[^\s<>(),;:@]++")
_LABEL = re.compile(r"[\w-]++(?:\.[\w-]++)++\Z")

# Each written by the software named, and by nothing that is not a list; in lower case.
_POSTING = (b"x-beenthere", b"x-mailing-list", b"mailing-list")  # Mailman, Majordomo and vger, ezmlm and Google Groups
_MARKS = frozenset({b"list-id", b"list-post", *_POSTING, b"x-mailman-version", b"x-google-group-id"})
_SERVICE = (b"list-help", b"list-unsubscribe", b"list-owner")
_PRECEDENCE = re.compile(rb"\s*+list\b", re.IGNORECASE)


class MailingList(NamedTuple):
    """A list as it presents itself.

    `list_id` is the identifier without phrase and angle brackets, in lower case, or empty. `addresses` are those one
    posts to, from List-Post and its forerunners; `service_addresses` those of List-Help, List-Unsubscribe and
    List-Owner. `domains` are, in lower case and each once, the domains of all of them and that of the identifier: the
    part behind its first label, as nearly all lists form it.
    """

    list_id: str = ""
    addresses: tuple[Address, ...] = ()
    service_addresses: tuple[Address, ...] = ()

    @property
    def domains(self) -> tuple[str, ...]:
        """Where the list may live: candidates, none of them proven."""
        named = (address.domain.lower() for address in chain(self.addresses, self.service_addresses))
        _, _, namespace = self.list_id.partition(".")
        return tuple(dict.fromkeys((*named, *filter(_LABEL.match, (namespace,)))))


def read_mailing_list(section: HeaderSection) -> MailingList | None:
    """The list that the header names; None if nothing in it is a list's.

    List-Unsubscribe alone is no sign of one, because every newsletter has it, nor is `Precedence: bulk`.
    """
    if _MARKS.isdisjoint(section.names) and not any(map(_PRECEDENCE.match, section.values(b"precedence"))):
        return None
    posting = chain(_mailto(section, b"list-post"), *(_bare(section, name) for name in _POSTING))
    service = chain.from_iterable(_mailto(section, name) for name in _SERVICE)
    return MailingList(_list_id(section), _bounded(posting), _bounded(service))


def _values(section: HeaderSection, name: bytes) -> list[str]:
    return [decode_octets(value[:MAX_FIELD_SIZE]).text for value in section.values(name)[:2]]


def _list_id(section: HeaderSection) -> str:
    """Of the topmost List-Id. Without angle brackets, which RFC 2919 asks for, the whole is taken if it is one word."""
    for value in _values(section, b"list-id"):
        found = _LIST_ID.search(value)
        identifier = found[1].strip() if found else value.strip()
        return identifier.lower() if len(identifier.split()) == 1 else ""
    return ""


def _mailto(section: HeaderSection, name: bytes) -> list[str]:
    return [unquote(address) for value in _values(section, name) for address in _MAILTO.findall(value)[:MAX_ADDRESSES]]


def _bare(section: HeaderSection, name: bytes) -> list[str]:
    return [address for value in _values(section, name) for address in _ADDRESS.findall(value)[:1]]


def _bounded(texts: chain[str]) -> tuple[Address, ...]:
    found = dict.fromkeys(filter(None, map(Address.from_header, texts)))
    return tuple(found)[:MAX_ADDRESSES]
