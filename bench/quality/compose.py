"""A message made of its parts, in the octets in which it would arrive."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.header import Header
from email.utils import formatdate

from quality.letters import Attack

AUTHSERV_ID = "mx.example"
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")  # RFC 5322, 3.2.3, and spaces between them
_MAILBOX = re.compile(r'"(?P<name>[^"]*)" (?P<address><[^<>]*>)')
_SATURDAY = 1_700_000_000


def mailbox(display_name: str, address: str) -> str:
    """A mailbox (RFC 5322, 3.4), its name quoted or encoded (RFC 2047) where it must be."""
    if not display_name:
        return address
    if not display_name.isascii():
        phrase = Header(display_name, "utf-8", maxlinelen=60).encode(linesep="\r\n")
    elif _ATOMS.fullmatch(display_name) and display_name.strip() == display_name:
        phrase = display_name
    else:
        phrase = '"' + display_name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{phrase} <{address}>"


def compose(author: str, number: int, *, reply_to: str = "", results: Iterable[str] = ()) -> bytes:
    """The header section of a short request to the accounts department, and no body."""
    fields = [
        *(f"Authentication-Results: {AUTHSERV_ID}; {result}" for result in results),
        f"From: {author}",
        *([f"Reply-To: {reply_to}"] if reply_to else []),
        "To: Accounts <accounts@firm.example>",
        "Subject: Are you at your desk?",
        f"Date: {formatdate(_SATURDAY + number)}",
        f"Message-ID: <{number}@mail.example>",
    ]
    return ("\r\n".join(fields) + "\r\n\r\n").encode()


def attack_message(attack: Attack, number: int) -> bytes:
    """An attack as it arrives, with the DMARC result that it is said to have."""
    domain = attack.address.rpartition("@")[2]
    results = [f"dmarc={attack.dmarc} header.from={domain}"] if attack.dmarc else []
    named = _MAILBOX.fullmatch(attack.reply_to)
    reply_to = mailbox(named["name"], named["address"].strip("<>")) if named else attack.reply_to
    return compose(mailbox(attack.display_name, attack.address), number, reply_to=reply_to, results=results)
