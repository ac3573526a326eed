"""One literal address: an addr-spec (RFC 5322, 3.4.1), internationalised (RFC 6532, 3.2).

Two readers, for two kinds of text. `Address.from_text` is strict, for what an administrator types into the registry:
one addr-spec and nothing else, or a reason why not. `Address.from_header` is tolerant, for what a header claims: a
receiver shows `x@evil.example.` although its trailing dot is no addr-spec, so we must be able to look it up.

An `Address` holds meaning, not spelling: `"jane"@example.com` and `jane@example.com` name one mailbox (RFC 5321,
4.1.2), so the local part is kept without its quotes and `text` puts them back only where they are needed.
"""

import re
from enum import StrEnum
from typing import NamedTuple, Self
from unicodedata import category, normalize

# RFC 5321, 4.5.3.1.1; and 4.5.3.1.3, a path of 256 octets with its angle brackets (erratum 1690 to RFC 3696). The 255
# octets of a domain (4.5.3.1.2) cannot be reached within them. Counted in octets of UTF-8 (RFC 6531, 3.3).
MAX_LOCAL_PART_OCTETS = 64
MAX_ADDRESS_OCTETS = 254
MAX_LABEL_OCTETS = 63  # RFC 1035, 2.3.4; of the A-label where the label is a U-label (RFC 5890, 2.3.2.1)

_ATEXT = r"0-9A-Za-z!#$%&'*+/=?^_`{|}~\-"  # RFC 5322, 3.2.3
# What ASCII has beside atext is left out; a class up to U+10FFFF takes a millisecond to compile.
_ATOM = re.compile(r"[^\x00-\x20\"(),.:;<>@\[\\\]\x7f]++")
_DOT_ATOM = rf"[{_ATEXT}]++(?:\.[{_ATEXT}]++)*+"
_DOT_ATOMS = re.compile(_DOT_ATOM)
_PLAIN = re.compile(rf"({_DOT_ATOM})@({_DOT_ATOM})")  # what nearly every address looks like
_QUOTED = re.compile(r'"((?:[^\x00-\x1f"\\\x7f]|\\[ -~])*+)"')  # 3.2.4, without folding white space
_DOMAIN_LITERAL = re.compile(r"\[[!-Z^-~]*+\]")  # 3.4.1, without folding white space
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_TO_BE_ESCAPED = re.compile(r'(["\\])')
_FULL_STOPS = str.maketrans("\u3002\uff0e\uff61", "...")  # UTS 46, 2.3: what is read as a dot
_JOINERS = "\u200c\u200d"  # format characters that spelling needs in some scripts (RFC 5892, A.1 and A.2)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # never part of an addr-spec: RFC 5322, 3.2.3 and 3.2.4; C1 as well


class AddressFault(StrEnum):
    """Why a text is not an addr-spec; the value completes "… is not an email address: "."""

    EMPTY = "it is empty"
    LONE_SURROGATE = "it is not well-formed Unicode"
    TOO_LONG = f"it is longer than {MAX_ADDRESS_OCTETS} octets"
    CONTROL_CHARACTER = "it holds a control character"
    WHITE_SPACE = "it holds white space"
    INVISIBLE_CHARACTER = "it holds an invisible character"
    MISSING_AT_SIGN = "it has no @"
    EMPTY_LOCAL_PART = "nothing stands before the @"
    LOCAL_PART_TOO_LONG = f"the part before the @ is longer than {MAX_LOCAL_PART_OCTETS} octets"
    INVALID_LOCAL_PART = "the part before the @ holds a character that must be quoted"
    INVALID_QUOTED_STRING = "the quoted part before the @ is not a quoted string"
    MISPLACED_DOT = "the part before the @ has a dot at its start or end, or two in a row"
    EMPTY_DOMAIN = "nothing stands after the @"
    EMPTY_LABEL = "the domain has an empty label"
    LABEL_TOO_LONG = f"a label of the domain is longer than {MAX_LABEL_OCTETS} octets"
    INVALID_DOMAIN = "the domain holds a character that no domain has"
    INVALID_DOMAIN_LITERAL = "the domain in brackets is not a domain literal"


class AddressError(ValueError):
    """Not an addr-spec. `fault` says why; as text it completes "… is not an email address: "."""

    def __init__(self, fault: AddressFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Address(NamedTuple):
    """A mailbox's name: `local_part` without quotes or escapes, `domain` as it was written."""

    local_part: str
    domain: str

    @property
    def text(self) -> str:
        """`local@domain`; the local part is a quoted string where it is no dot-atom."""
        local_part = self.local_part
        if not all(map(_ATOM.fullmatch, local_part.split("."))):
            local_part = '"' + _TO_BE_ESCAPED.sub(r"\\\1", local_part) + '"'
        return f"{local_part}@{self.domain}"

    @property
    def compared(self) -> str:
        """The form in which addresses are compared: two addresses with the same one name the same mailbox.

        The domain in lower case (RFC 5321, 2.4). The local part case-folded, knowingly against the letter of 2.4:
        hardly any system in use tells Jane@ from jane@. Both in normal form C (RFC 6532, 3.1), and U-labels as their
        A-labels (RFC 5890, 2.3.2.1): mail carries these, people write those.
        """
        if self.local_part.isascii() and self.domain.isascii() and _DOT_ATOMS.fullmatch(self.local_part):
            return f"{self.local_part}@{self.domain}".lower()
        local_part, _, domain = normalize("NFC", self.text).rpartition("@")
        domain = domain.lower().translate(_FULL_STOPS)
        if not domain.isascii():
            domain = ".".join(map(_a_label, domain.split(".")))
        return f"{local_part.casefold()}@{domain}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read exactly one addr-spec, without comments or white space around or in it.

        Single-label domains (`localhost`, `corp`) and domain literals are addr-specs. A space is allowed within a
        quoted local part only. Format characters (Cf) are refused, knowingly beyond RFC 6532: a zero-width space that
        came with a pasted address would make it match nothing. Raises AddressError, and nothing else.
        """
        plain = _PLAIN.fullmatch(text)
        if plain and len(text) <= MAX_LABEL_OCTETS:  # then no part of it can be too long
            return cls(plain[1], plain[2])
        _check_characters(text)
        local_part, at_sign, domain = text.rpartition("@")
        if not at_sign:
            raise AddressError(AddressFault.MISSING_AT_SIGN)
        address = cls(_read_local_part(local_part), domain)
        _check_domain(domain)
        return address

    @classmethod
    def from_header(cls, text: str) -> Self | None:
        """Read the address that a header field claims; None if nothing stands before or after its last `@`.

        Forgives what receivers forgive: dots and length are not checked, white space around and dots after the domain
        are dropped.
        """
        local_part, _, domain = text.rpartition("@")
        domain = domain.strip().rstrip(".")
        local_part = local_part.strip()
        if len(local_part) > 1 and local_part[0] == local_part[-1] == '"':
            local_part = _unquoted(local_part[1:-1])
        return cls(local_part, domain) if local_part and domain else None


def _check_characters(text: str) -> None:
    if not text:
        raise AddressError(AddressFault.EMPTY)
    try:
        octets = len(text.encode())
    except UnicodeEncodeError:
        raise AddressError(AddressFault.LONE_SURROGATE) from None
    if octets > MAX_ADDRESS_OCTETS:
        raise AddressError(AddressFault.TOO_LONG)
    if _CONTROL.search(text):
        raise AddressError(AddressFault.CONTROL_CHARACTER)
    quoted = text.startswith('"')
    if any(character.isspace() and not (quoted and character == " ") for character in text):
        raise AddressError(AddressFault.WHITE_SPACE)
    if not text.isascii() and any(category(character) == "Cf" for character in text if character not in _JOINERS):
        raise AddressError(AddressFault.INVISIBLE_CHARACTER)


def _read_local_part(text: str) -> str:
    """The meaning of a dot-atom or quoted string."""
    if not text:
        raise AddressError(AddressFault.EMPTY_LOCAL_PART)
    if len(text.encode()) > MAX_LOCAL_PART_OCTETS:
        raise AddressError(AddressFault.LOCAL_PART_TOO_LONG)
    if text.startswith('"'):
        quoted = _QUOTED.fullmatch(text)
        if not quoted:
            raise AddressError(AddressFault.INVALID_QUOTED_STRING)
        return _unquoted(quoted[1])
    atoms = text.split(".")
    if "" in atoms:
        raise AddressError(AddressFault.MISPLACED_DOT)
    if not all(map(_ATOM.fullmatch, atoms)):
        raise AddressError(AddressFault.INVALID_LOCAL_PART)
    return text


def _check_domain(domain: str) -> None:
    if not domain:
        raise AddressError(AddressFault.EMPTY_DOMAIN)
    if domain.startswith("["):
        if not _DOMAIN_LITERAL.fullmatch(domain):
            raise AddressError(AddressFault.INVALID_DOMAIN_LITERAL)
        return
    for label in domain.split("."):
        if not label:
            raise AddressError(AddressFault.EMPTY_LABEL)
        if not _ATOM.fullmatch(label):
            raise AddressError(AddressFault.INVALID_DOMAIN)
        if _a_label_octets(label) > MAX_LABEL_OCTETS:
            raise AddressError(AddressFault.LABEL_TOO_LONG)


def _a_label_octets(label: str) -> int:
    return len(_a_label(label.lower()))


def _a_label(label: str) -> str:
    """The A-label of a U-label in lower case; anything else as it is."""
    if label.isascii() or len(label) > MAX_LABEL_OCTETS:  # the punycode codec is quadratic: give it short labels only
        return label
    return "xn--" + label.encode("punycode", "surrogatepass").decode("ascii", "replace")


def _unquoted(text: str) -> str:
    return _QUOTED_PAIR.sub(r"\1", text) if "\\" in text else text
