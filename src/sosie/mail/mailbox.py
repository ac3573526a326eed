"""A mailbox: who a header field says it is from (RFC 5322, 3.4). How a list is split stands in `address_list`."""

import re
from functools import lru_cache
from typing import NamedTuple

from sosie.mail.address import Address
from sosie.mail.address_list import MAX_TOKENS, split_address_list
from sosie.mail.address_words import address_from_words, phrase_from_words, text_from_comments
from sosie.mail.defect import NO_DEFECTS, Defect
from sosie.mail.encoded_words import decode_octets

_FOLD = re.compile(r"\r?\n(?=[ \t])")  # RFC 5322, 2.2.3
# What most fields hold: one mailbox, of words without a special or in quotes, or an address alone. The long way finds
# the same, in five times the time.
_PLAIN = re.compile(
    rb'(?:(?:([A-Za-z]+(?:[ -][A-Za-z]+){0,7})|"([A-Za-z0-9.,&-]+(?: [A-Za-z0-9.,&-]+){0,7})") (?=<))?'
    rb"(<)?((?=[^@]{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+){0,9}"
    rb"@(?=[^>]{1,180}(?:>|\Z))[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,9})(?(3)>)"
)
# Who writes once writes again, and one judgement asks for the same field several times.
MAX_REMEMBERED = 4096  # values; 1 kB each where they are honest
MAX_REMEMBERED_SIZE = 300  # octets
_LINE_BREAK = re.compile(r"[\r\n]++")


class Mailbox(NamedTuple):
    """One mailbox as a header field claims it (RFC 5322, 3.4).

    `display_name` is decoded text, taken from the comment where there is no phrase; `address_text` stands as written,
    empty if there is none; `comment` is the decoded text of all comments beside the mailbox; `group_name` is that of
    the group around it. An empty group is a mailbox with nothing but a `group_name`.
    """

    display_name: str
    address_text: str
    comment: str = ""
    group_name: str = ""

    @property
    def address(self) -> Address | None:
        """The address that a receiver would take this for; None where there is no `@` with something around it."""
        return Address.from_header(self.address_text)


class MailboxList(NamedTuple):
    """All mailboxes of one field in their order, and what was wrong with its spelling."""

    mailboxes: tuple[Mailbox, ...]
    defects: frozenset[Defect]


def read_mailboxes(value: bytes, max_tokens: int = MAX_TOKENS) -> MailboxList:
    """Read a mailbox-list or address-list: the value of From, Sender or Reply-To, folded or not. Never raises.

    Of more than `max_tokens` words and specials, only these and the last address are read, and a defect says so.
    """
    return _remembered(value, max_tokens) if len(value) <= MAX_REMEMBERED_SIZE else _read(value, max_tokens)


@lru_cache(maxsize=MAX_REMEMBERED)
def _remembered(value: bytes, max_tokens: int) -> MailboxList:
    plain = _PLAIN.fullmatch(value)
    if plain:
        name = plain[1] or plain[2] or b""
        return MailboxList((Mailbox(name.decode("ascii"), plain[4].decode("ascii")),), NO_DEFECTS)
    return _read(value, max_tokens)


def _read(value: bytes, max_tokens: int) -> MailboxList:
    decoded = decode_octets(value)
    text = decoded.text
    if "\n" in text or "\r" in text:
        text = _LINE_BREAK.sub(" ", _FOLD.sub("", text))
    members, defects = split_address_list(text, max_tokens)
    mailboxes: list[Mailbox] = []
    for name, address, comments, group in members:
        comment = text_from_comments(comments, defects)
        display_name = phrase_from_words(name, defects) or comment
        group_name = phrase_from_words(group, defects) if group else ""
        mailboxes.append(Mailbox(display_name, address_from_words(address, defects), comment, group_name))
    return MailboxList(tuple(mailboxes), decoded.defects | defects)
