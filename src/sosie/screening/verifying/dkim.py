"""The DKIM signatures of a message (RFC 6376, RFC 8463; RFC 8301 for what is too weak).

Theory of operation. Everything in a signature was written by whoever sends the message, its key, too: so each signature
is looked at for its size before anything is done with it, at most MAX_SIGNATURES are verified, and no key may be so
large that a message costs seconds. Whoever asks begins with those that can vouch for the author, else a hundred others
could hide them. A signature covers the fields as the judgement reads them; where a name is written oddly, none does.

A signature signs the header fields, and with them the hash of the body: so that is all that is needed of a long body.
And whoever leaves out the body, or sends it where there is no room for it, gains nothing by a signature that he made
up: its fields are enough to refute it. Only one of which the fields are right stays open: "temperror" where the body
was let go, and empty, unknown, where there is none.

What a signature of too weak a kind says is "policy" (RFC 8601, 2.7.1): SHA-1, an RSA key below 1024 bits, and `l=` that
leaves a part of the body open to anybody's additions (RFC 6376, 8.2).
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import dkim
from dkim.canonicalization import CanonicalizationPolicy, Relaxed
from dkim.util import InvalidTagValueList, parse_tag_value

from sosie.likeness.domain_name import a_label_domain
from sosie.mail.header_fields import HeaderSection
from sosie.screening.verifying.body_hash import Body, BodyHashes, Form, body_hash
from sosie.screening.verifying.resolver import Questions, Undecided

MAX_SIGNATURES = 5  # RFC 6376, 6.1 leaves the number to us; honest mail has one to three
MAX_LOOKED_AT = 100  # signatures of which the tags are read, to find those that matter

# Octets. The longest ones, with every field signed twice, have some 3 KiB.
MAX_FIELD = 8 * 1024
TOO_BLANK = re.compile(rb"\s{80}")  # folded lines are indented by a tab or some blanks; more costs a pattern much time

# Bits. RFC 8301, 3.2: at least 1024, and up to 4096 must be understood. Larger ones and odd exponents only cost time.
LEAST_KEY, LARGEST_KEY, LARGEST_EXPONENT = 1024, 4096, 64
MAX_KEY_RECORD = 2 * 1024  # octets; that of a 4096-bit key has some 750

_ALGORITHMS = {b"rsa-sha256": b"rsa", b"ed25519-sha256": b"ed25519"}
_FIELD = b"dkim-signature"


class Signature(NamedTuple):
    """`result` is as RFC 8601, 2.7.1 names it; `domain` is d= in lower case, `identity` i= where it is given."""

    result: str
    domain: str
    identity: str = ""


class _Refused(Exception):
    """Why a signature does not count: a result of RFC 8601, 2.7.1."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A signature as it stands in the message."""

    field: tuple[bytes, bytes]
    tags: dict[bytes, bytes]
    domain: str


@dataclass(frozen=True, slots=True)
class _Key:
    """A public key (RFC 6376, 3.6.1): as the library wants it, its size in bits, its kind."""

    key: Any
    bits: int
    kind: bytes


class Signatures:
    """The signatures of one message, each verified when it is asked for."""

    def __init__(self, section: HeaderSection, body: Body, questions: Questions) -> None:
        self._fields = _fields(section)
        written = (_written(field) for field in self._fields if field[0].lower() == _FIELD)
        self._written = list(islice(written, MAX_LOOKED_AT))
        self._results: dict[int, Signature] = {}
        self._body = body
        self._hashes = dict(body.hashes or {})
        self._questions = questions

    def in_name_of(self, domain: str) -> list[Signature]:
        """Those of the domain and of all below it."""
        return self._those([place for place, one in enumerate(self._written) if lies_in(one.domain, domain)])

    def all(self) -> list[Signature]:
        """All that may still be verified, in their order."""
        return self._those(range(len(self._written)))

    def _those(self, places: Iterable[int]) -> list[Signature]:
        for place in places:
            if place not in self._results and len(self._results) < MAX_SIGNATURES:
                self._results[place] = self._verified(self._written[place])
        return [self._results[place] for place in places if place in self._results]

    def _verified(self, written: _Written) -> Signature:
        try:
            result = self._result(written)
        except _Refused as refused:
            result = str(refused)
        except Undecided:
            result = "temperror"
        except Exception:  # noqa: BLE001 - what the library stumbles over is malformed, however it stumbles
            result = "permerror"
        return Signature(result, written.domain, _text(written.tags.get(b"i", b"")))

    def _result(self, written: _Written) -> str:
        tags = written.tags
        if not tags:
            raise _Refused("permerror")
        if tags.get(b"a") == b"rsa-sha1":
            raise _Refused("policy")  # RFC 8301, 3.1
        dkim.validate_signature_fields(tags)
        signed = [name.strip().lower() for name in tags[b"h"].split(b":")]
        if b"from" not in signed:
            raise _Refused("permerror")  # RFC 6376, 5.4
        result = self._of_body(tags)
        key = _key(written, self._questions)
        verifier = dkim.DKIM(minkey=LEAST_KEY)
        verifier.headers = self._fields
        verifier.pk, verifier.keysize, verifier.ktag = key.key, key.bits, key.kind
        without_body = {name: value for name, value in tags.items() if name != b"bh"}
        return result if verifier.verify_sig_process(without_body, signed, written.field, None) else "fail"

    def _of_body(self, tags: dict[bytes, bytes]) -> str:
        """The result where all else is right: the body must have the hash that the signature says. Raises _Refused."""
        body = self._body.octets
        relaxed, length = form = _form(tags)
        if form not in self._hashes:
            if self._body.hashes is not None:
                return "temperror" if body else ""
            self._hashes[form] = body_hash(body, relaxed=relaxed, length=length)
        found, octets = self._hashes[form]
        if found != b64decode(tags[b"bh"]) or (length is not None and length > octets):
            if not body:
                return ""  # some programs hand over the header as if it were all
            raise _Refused("fail")
        if length is not None and length < octets:
            raise _Refused("policy")
        return "pass"


def hashes_asked_for(section: HeaderSection) -> BodyHashes | None:
    """What takes the body as it comes in, in every form that a signature may be about; None where there is none."""
    written = (_written(field) for field in _fields(section) if field[0].lower() == _FIELD)
    forms = set()
    for one in islice(written, MAX_LOOKED_AT):
        with suppress(Exception):  # what the library stumbles over is malformed, however it stumbles
            dkim.validate_signature_fields(one.tags)
            forms.add(_form(one.tags))
    return BodyHashes(forms) if forms else None


def _form(tags: dict[bytes, bytes]) -> Form:
    """Of tags that are valid. Raises what the library raises."""
    policy = CanonicalizationPolicy.from_c_value(tags.get(b"c"))
    return policy.body_algorithm is Relaxed, int(tags[b"l"]) if tags.get(b"l") else None


def lies_in(domain: str, above: str) -> bool:
    """Whether the domain is `above`, or lies below it."""
    return bool(above) and (domain == above or domain.endswith("." + above))


def _fields(section: HeaderSection) -> list[tuple[bytes, bytes]]:
    """Names and values as they were signed, with CRLF; none where a name is not written as it is read."""
    fields: list[tuple[bytes, bytes]] = []
    for line, name in zip(section.lines, section.names, strict=True):
        written, _, value = line.partition(b":")
        if not name or written.lower() != name:
            return []
        fields.append((written, value.replace(b"\r\n", b"\n").rstrip(b"\r\n").replace(b"\n", b"\r\n") + b"\r\n"))
    return fields


def _written(field: tuple[bytes, bytes]) -> _Written:
    """The tags of a signature (RFC 6376, 3.5); none where it is malformed or too large."""
    tags: dict[bytes, bytes] = {}
    if len(field[1]) <= MAX_FIELD and not TOO_BLANK.search(field[1]):
        try:
            tags = parse_tag_value(field[1])
        except InvalidTagValueList:
            tags = {}
    return _Written(field, tags, a_label_domain(_text(tags.get(b"d", b""))))


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


def _key(written: _Written, questions: Questions) -> _Key:
    """The key that the signature names (RFC 6376, 3.6). Raises Undecided, _Refused, and what the library raises."""
    tags = written.tags
    name = f"{_text(tags[b's'])}._domainkey.{written.domain}"
    records = questions.ask(name, "TXT")
    if not records or len(records[0]) > MAX_KEY_RECORD:
        raise _Refused("permerror")
    record = parse_tag_value(records[0])
    if not record.get(b"p"):
        raise _Refused("permerror")  # revoked
    kind = _ALGORITHMS[tags[b"a"]]
    if record.get(b"k", b"rsa") != kind or not _allows(record, tags):
        raise _Refused("permerror")
    # The library reads a list in s= as one word, and gives no key then: that tag was looked at above.
    key, bits, _, _ = dkim.evaluate_pk(name, b"; ".join(b"%b=%b" % (tag, record[tag]) for tag in record if tag != b"s"))
    if kind == b"rsa":
        if bits > LARGEST_KEY or key["publicExponent"].bit_length() > LARGEST_EXPONENT:
            raise _Refused("permerror")
        if bits < LEAST_KEY:
            raise _Refused("policy")
    return _Key(key, bits, kind)


def _allows(record: dict[bytes, bytes], tags: dict[bytes, bytes]) -> bool:
    """Whether the key is for this use (RFC 6376, 3.6.1: h=, s=, t=s)."""
    if not {b"*", b"email"} & _words(record.get(b"s", b"*")) or b"sha256" not in _words(record.get(b"h", b"sha256")):
        return False
    identity = tags.get(b"i", b"").rpartition(b"@")[2].lower()
    return b"s" not in _words(record.get(b"t", b"")) or identity in (b"", tags[b"d"].lower())


def _words(value: bytes) -> set[bytes]:
    return {word.strip() for word in value.split(b":")}


def passed(signatures: Iterable[Signature]) -> tuple[str, ...]:
    """The domains of those that pass, each once."""
    return tuple(dict.fromkeys(one.domain for one in signatures if one.result == "pass"))


def overall(signatures: Sequence[Signature]) -> str:
    """The result of them all, as TrustedResults has it: "pass" if any passes, else the first; "none" without any."""
    if passed(signatures):
        return "pass"
    return signatures[0].result if signatures else "none"
