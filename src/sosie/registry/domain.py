"""Domain names as exemptions name them, in the form in which domains are compared: lower case, A-labels.

A name is one or more labels of letters, digits, hyphens and underscores, or U-labels (RFC 5890, 2.3.2.1). A single
label (`localhost`) is a name too. A name is never a wildcard: what covers several names is a pattern.
"""

from __future__ import annotations

import re

from sosie.mail.address import Address, AddressError

MAX_DOMAIN = 253  # characters as text (RFC 1035, 2.3.4: 255 octets with their lengths)

# ASCII letters, digits, _ - and . and all that is not ASCII; said by what is left, which compiles in no time.
_LABELS = re.compile(r"[^\x00-,/:-@\[-^`{-\x7f]+")

_PLAIN = re.compile(r"[0-9A-Za-z_+\-]++(?:\.[0-9A-Za-z_+\-]++)*+@[0-9A-Za-z\-]++(?:\.[0-9A-Za-z\-]++)*+")


class DomainError(ValueError):
    """Not a domain name; as text, why not."""


def read_domain(text: str) -> str:
    """The compared form of the domain that somebody typed. Raises DomainError."""
    shown = text if len(text) <= 80 else text[:77] + "…"
    if text and not _LABELS.fullmatch(text):
        hint = "; an asterisk is no wildcard: a regular expression is one" if "*" in text else ""
        raise DomainError(f"{shown!r} is not a domain: it holds a character that no domain has{hint}")
    if len(text) > MAX_DOMAIN:
        raise DomainError(f"{shown!r} is not a domain: it is longer than {MAX_DOMAIN} characters")
    try:
        address = Address.from_text(f"x@{text}")
    except AddressError as error:
        raise DomainError(f"{shown!r} is not a domain: {error}") from None
    return address.compared.rpartition("@")[2]


def compared_domain(text: str) -> str:
    """The compared form of a domain that a message claims, whatever it looks like; without a trailing dot."""
    if text.isascii():
        return text.lower().rstrip(".")
    return Address("x", text.rstrip(".")).compared.rpartition("@")[2]


def compared_address(text: str) -> str:
    """The same of an address, `local@domain`; of what is no address, its case folded."""
    if _PLAIN.fullmatch(text):  # a fifth of the time, for nearly every address of every message
        return text.lower()
    address = Address.from_header(text)
    return address.compared if address is not None else text.casefold()
