"""The words by which a record is found, and the needles that are looked for among them.

Theory of operation. A record's search text is a row of words with a blank before and behind each. What is filtered by
exactly is one word that says what it is: `s:jane@example.com` for who wrote it, `s:@example.com` for his domain, `r:`
for recipients, `m:` for the Message-ID, `t:` for a word of the subject. What a person searches for is found at the
beginning of words: `invo` finds "invoice", `example.com` finds "example" followed by a word that begins with "com".
So whatever is asked for is a needle, a piece of this text that begins with a blank, and both databases have an index of
the words in which it is looked up. Scripts that write no blanks are words of one character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import normalize

from sosie.detection.record import Record
from sosie.registry.domain import compared_address, compared_domain

MAX_WORD = 480  # characters: an index of PostgreSQL takes words of 2,046 octets
MAX_RECIPIENTS = 4000  # characters of recipients among which is searched: a hundred of them

_WORD = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|"
    r"(?:(?![\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff_])\w)+"
)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f\"'\\]+")  # what cannot stand in a word


def search_text(record: Record) -> str:
    """All words of a record."""
    envelope = record.arrival.envelope
    words = [f"t:{word}" for word in words_of(record.subject)]
    words += words_of(record.author.name)
    for address in dict.fromkeys((record.author.address, envelope.return_path)):
        words += _address_words("s", address)
    words += words_of(record.reply_to.address)
    size = 0
    others = (party.address for party in (*record.to, *record.cc))
    for address in dict.fromkeys((*envelope.recipients, *others)):
        size += len(address)
        if size > MAX_RECIPIENTS:
            break
        words += _address_words("r", address)
    if record.verdict.message_id:
        words += [f"m:{_exact(record.verdict.message_id.strip('<>'))}", *words_of(record.verdict.message_id)]
    words += words_of(record.arrival.queue_id)
    words += [f"i:{_exact(envelope.ip)}"] if envelope.ip else []
    return f" {' '.join(words)} "


def words_of(text: str) -> list[str]:
    """Its words, as they are compared."""
    return [word[:MAX_WORD] for word in _WORD.findall(_folded(text))]


def of_sender(text: str) -> str:
    """The needle of an address or a domain in From or the envelope."""
    return _of_address("s", text)


def of_recipient(text: str) -> str:
    """The needle of an address or a domain of a recipient."""
    return _of_address("r", text)


def of_domain(text: str) -> tuple[str, str]:
    """The needles of a domain: one of them is to be found."""
    domain = "@" + text.rpartition("@")[2]
    return of_sender(domain), of_recipient(domain)


def of_message_id(text: str) -> str:
    """The needle of a Message-ID, with its angle brackets or without."""
    return f" m:{_exact(text.strip().strip('<>'))} "


def of_ip(text: str) -> str:
    """The needle of the client's address."""
    return f" i:{_exact(text)} "


def of_subject(text: str) -> list[str]:
    """The needles of words of the subject: all of them are to be found."""
    return [f" t:{word}" for word in words_of(text)]


def of_query(text: str) -> list[tuple[str, str]]:
    """The needles of what a person types: of each term, one is to be found."""
    split = [words_of(term) for term in text.split()]
    return [(" " + " ".join(words), " t:" + " t:".join(words)) for words in split if words]


def _address_words(kind: str, address: str) -> Iterable[str]:
    exact = _compared(address)
    if exact == "@":
        return []
    return [f"{kind}:{exact}", f"{kind}:@{exact.rpartition('@')[2]}", *words_of(address)]


def _of_address(kind: str, text: str) -> str:
    return f" {kind}:{_compared(text.strip().strip('<>'))} "


def _compared(text: str) -> str:
    """An address, or a domain behind an @, in the form in which they are compared."""
    local_part, _, domain = _folded(text).rpartition("@")
    return _exact(compared_address(f"{local_part}@{domain}") if local_part else f"@{compared_domain(domain)}")


def _exact(text: str) -> str:
    return _BLANK.sub("", _folded(text))[:MAX_WORD]


def _folded(text: str) -> str:
    """As it is compared, and as it can be kept: a lone surrogate can be written in no database."""
    return normalize("NFKC", text.encode("utf-8", "replace").decode()).casefold()
