"""Names of domains: their labels in both forms, and the part of them that somebody registered.

Everything here takes what a message claims: it never raises, and its work is bounded by the length that a domain may
have (255 octets, RFC 1035, 2.3.4); what is longer is judged by its last labels, which say whose it is.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from unicodedata import normalize

MAX_LABEL_OCTETS = 63  # RFC 1035, 2.3.4
_MAX_LABELS = 16  # more than the longest public suffix has, and enough for any trick with subdomains
_MAX_DOMAIN = 255
_A_LABEL_PREFIX = "xn--"  # RFC 5890, 2.3.2.1
_FULL_STOPS = str.maketrans("\u3002\uff0e\uff61", "...")  # UTS 46, 2.3: what is read as a dot


def labels_of(domain: str) -> list[str]:
    """The labels in lower case, in the form in which they were written, without empty ones; the last 16 at most."""
    text = domain[-_MAX_DOMAIN:].lower()
    if not text.isascii():
        text = normalize("NFC", text).translate(_FULL_STOPS)
    return [label for label in text.split(".") if label][-_MAX_LABELS:]


def a_label_domain(domain: str) -> str:
    """The domain as DNS and mail carry it: lower case, A-labels for U-labels (RFC 5890, 2.3.2.1).

    Nothing is checked or mapped beyond case and normal form C (RFC 6532, 3.1): a domain that no registry would accept
    gets a form all the same.
    """
    return ".".join(map(_a_label, labels_of(domain)))


def u_label_domain(domain: str) -> str:
    """The domain as people read it: lower case, U-labels for A-labels. An A-label that says nothing stays as it is."""
    return ".".join(map(u_label, labels_of(domain)))


def _a_label(label: str) -> str:
    if label.isascii() or len(label) > MAX_LABEL_OCTETS:  # the punycode codec is quadratic: give it short labels only
        return label
    return _A_LABEL_PREFIX + label.encode("punycode", "surrogatepass").decode("ascii", "replace")


def u_label(label: str) -> str:
    """The U-label of an A-label (RFC 5890, 2.3.2.1); any other label, and an A-label that says nothing, as it is."""
    if not label.startswith(_A_LABEL_PREFIX) or len(label) > MAX_LABEL_OCTETS or not label.isascii():
        return label
    try:
        return label[len(_A_LABEL_PREFIX) :].encode("ascii").decode("punycode").lower() or label
    except ValueError:  # not punycode (UnicodeError), or beyond the last code point
        return label


def registrable_domain(domain: str) -> str:
    """The public suffix and one label, as A-labels: what somebody registered, or rents from a host of subdomains.

    Private suffixes count (publicsuffix.org, section 2: `github.io`), because strangers sit side by side below them.
    Below an unknown top-level domain it is the last two labels (the list's rule `*`). Empty for a public suffix, a
    single label, an IP address, an address literal and nothing at all.
    """
    return _registrable(domain if len(domain) <= _MAX_DOMAIN else domain[-_MAX_DOMAIN:])


@lru_cache(maxsize=16_384)
def _registrable(domain: str) -> str:
    labels = labels_of(domain)
    if not domain.isascii():
        labels = list(map(_a_label, labels))
    if len(labels) < 2 or labels[-1].isdigit() or labels[-1].endswith("]"):
        return ""
    registered = _labels_of_public_suffix(labels) + 1
    return ".".join(labels[-registered:]) if registered <= len(labels) else ""


def second_level_label(registrable: str) -> str:
    """The label before the public suffix of a registrable domain, as it stands there."""
    return registrable.partition(".")[0]


def is_subdomain(claimed: str, protected: str) -> bool:
    """Whether `claimed` lies truly below `protected`: `mail.example.com` below `example.com`, not that itself."""
    return a_label_domain(claimed).endswith("." + a_label_domain(protected))


def is_freemail(domain: str) -> bool:
    """Whether anybody can get an address there for the asking: the domain, or the one it lies below, is on the list."""
    return _is_freemail(domain if len(domain) <= _MAX_DOMAIN else domain[-_MAX_DOMAIN:])


@lru_cache(maxsize=16_384)
def _is_freemail(domain: str) -> bool:
    claimed = a_label_domain(domain)
    known = _freemail_domains()
    return claimed in known or registrable_domain(claimed) in known


def _labels_of_public_suffix(labels: list[str]) -> int:
    """How many labels at the end of a domain are its public suffix (publicsuffix.org/list, "algorithm").

    The longest rule prevails, and an exception over all; what stands behind `*.` is a public suffix itself, as the
    list's own test data has it; where no rule is found, the rule is `*`.
    """
    rules, most = _public_suffixes()
    for depth in range(min(len(labels), most), 0, -1):
        rule = rules.get(".".join(labels[-depth:]))
        if rule is not None:
            return min(depth + rule, len(labels))
    return 1


@cache
def _public_suffixes() -> tuple[dict[str, int], int]:
    """How many labels more than its own the suffix has that each rule makes, and the labels of the longest rule."""
    from sosie.likeness.tables.public_suffixes import (  # noqa: PLC0415 - a tenth of a megabyte that few commands need
        EXACT,
        EXCEPTIONS,
        MOST_LABELS,
        WILDCARD,
    )

    rules = dict.fromkeys(EXACT.split(" "), 0)
    rules |= dict.fromkeys(WILDCARD.split(" "), 1)
    rules |= dict.fromkeys(EXCEPTIONS.split(" "), -1)
    return rules, MOST_LABELS


@cache
def _freemail_domains() -> frozenset[str]:
    text = Path(__file__).with_name("data").joinpath("freemail_domains.txt").read_text(encoding="ascii")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
