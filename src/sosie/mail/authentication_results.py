"""Authentication-Results (RFC 8601) and ARC-Authentication-Results (RFC 8617, 4.1.1): what some host says it has found.

Theory of operation. What stands in such a field was partly chosen by the sender: hosts copy addresses, domains and HELO
names into it, often without quoting them, and DKIM domains such as `example.com(.evil.example` were made for readers
that take the rest for a comment. So this reader looks for a text that could be read in two ways, and says so.

1. One pass over quotes, parentheses and semicolons cuts the field into its parts and drops the comments. A comment that
   directly follows the text before it stays with that text: `example.com(.evil.example)` is a value, and nobody's
   domain. Honest hosts put white space there, and where some do not (`dmarc=pass(p=REJECT)`) nothing can be won.
2. A quote or parenthesis that nothing closes ends this: the rest is cut at every semicolon, quoted or not, so that no
   result can be hidden behind it.
3. Each part is `method=result` with a reason and properties. What is neither is skipped: some hosts write their name
   again, or `action=none`.

A field is `ambiguous` where another reader might find other results in it, or another authserv-id, or another field
name: the trusted host, which removes forged fields in its name (RFC 8601, 5), may not have recognised this one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sosie.mail.defect import Defect
from sosie.mail.encoded_words import decode_octets
from sosie.mail.header_fields import HeaderSection

# Of one name in one message: the topmost. A message that went through four hosts and a list has seven.
MAX_FIELDS = 16
# Of one field, in octets: a result has some hundred, and hosts with ten signatures to judge are rare. The rest is not
# read, and the field is ambiguous.
MAX_FIELD_SIZE = 4 * 1024
# Of one field: quotes, parentheses and semicolons. A result has about five.
MAX_MARKS = 500

_QUOTED = r'"(?:[^"\\]++|\\.)*+"'
_MARK = re.compile(rf'{_QUOTED}|\([^()\\]*+\)|[;()"]', re.DOTALL)
_MARK_BUT_SEMICOLON = re.compile(r'[()"]')
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_NOT_IN_A_VALUE = re.compile(r'[\s"]++')
_BEFORE_COMMENT = frozenset(" \t;)")  # what a comment may follow without being part of it
_RESULT = re.compile(r"\s*+([A-Za-z][\w-]*+)\s*+(?:/\s*+\d++\s*+)?+=\s*+([A-Za-z][\w-]*+)", re.ASCII)
_VALUE = rf'(?:{_QUOTED}|[^\s"]++)++'
_PROPERTY = re.compile(
    rf"(?:([A-Za-z][\w-]*+)\s*+\.\s*+)?+([A-Za-z][\w-]*+)\s*+=(?:\s++(?![A-Za-z][\w.-]*+=))?+({_VALUE}|)|{_VALUE}",
    re.ASCII | re.DOTALL,
)
# What most hosts write, cut and read at once. The long way finds the same.
_PLAIN_COMMENT = re.compile(r'(?<=[ \t;)])\([^()\\"]*+\)')
_PLAIN_RESULT = re.compile(
    r"\s*+([A-Za-z][\w-]*+)=([A-Za-z][\w-]*+)((?:\s++[A-Za-z][\w-]*+\.[A-Za-z][\w-]*+=[!#-~]++)*+)\s*+", re.ASCII
)
_INSTANCE = re.compile(r"\s*+i\s*+=\s*+(\d{1,3})\s*+", re.ASCII)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)

_SIGNING_DOMAIN = re.compile(rb"(?:\A|;)\s*+d\s*+=\s*+([^\s;]++)")
_NAME = b"authentication-results"

# Of a header section: some reader may not have seen the fields that we see.
_HIDING = frozenset({Defect.BARE_CR, Defect.NUL})


class MethodResult(NamedTuple):
    """One result (RFC 8601, 2.2): `method`, `result` and the names of `properties` in lower case, values as written.

    `properties` has keys like "header.from" or "smtp.mailfrom", and "d", as one appliance names the domain of DMARC;
    quotes around a whole value are gone.
    """

    method: str
    result: str
    reason: str
    properties: Mapping[str, str]


class AuthenticationResults(NamedTuple):
    """One field. `authserv_id` as written, without quotes; empty if there is none.

    `instance` is the "i=" of an ARC-Authentication-Results field, 0 elsewhere and where it is missing. `ambiguous` is
    explained above. `hop` counts the Received fields above this one: 0 at the top.
    """

    authserv_id: str
    results: tuple[MethodResult, ...]
    instance: int = 0
    ambiguous: bool = False
    hop: int = 0


def read_authentication_results(value: bytes) -> AuthenticationResults:
    """Read one unfolded value. Never raises; at most MAX_FIELD_SIZE octets of it are read."""
    return _read(value)


def read_all_authentication_results(section: HeaderSection) -> Iterator[AuthenticationResults]:
    """The Authentication-Results fields of a message, topmost first; at most MAX_FIELDS."""
    index = -1
    for value in section.values(_NAME)[:MAX_FIELDS]:
        index = section.names.index(_NAME, index + 1)
        hop = section.names[:index].count(b"received")
        yield _read(value, hop=hop, ambiguous=is_hidden(section, index))


def read_only_authentication_results(value: bytes, *, hidden: bool) -> AuthenticationResults:
    """The one Authentication-Results field of a message; `hidden` is what `is_hidden` says of it."""
    return _read(value, ambiguous=hidden)


def is_hidden(section: HeaderSection, index: int) -> bool:
    """Whether other readers may not see the field at this place.

    They may not if its name is spelled oddly, if it stands behind a bare CR, or behind a bare LF in a header whose
    lines end in CRLF. (Lines on top may end in LF alone: those that were added where the message was stored.)
    """
    if not _HIDING.isdisjoint(section.defects) or section.lines[index].partition(b":")[0].lower() != _NAME:
        return True
    if index == 0 or section.lines[index - 1][-1:] == b"\r":
        return False
    return any(line[-1:] == b"\r" for line in section.lines[: index - 1])


def read_all_arc_authentication_results(section: HeaderSection) -> Iterator[AuthenticationResults]:
    """The ARC-Authentication-Results fields of a message, topmost first; at most MAX_FIELDS."""
    for value in section.values(b"arc-authentication-results")[:MAX_FIELDS]:
        yield _read(value, arc=True)


def read_signing_domains(section: HeaderSection) -> tuple[str, ...]:
    """The d= of each DKIM-Signature (RFC 6376, 3.5), in lower case, each once: claims, not verified here."""
    signatures = section.values(b"dkim-signature")[:MAX_FIELDS]
    found = (_SIGNING_DOMAIN.search(value[:MAX_FIELD_SIZE]) for value in signatures)
    return tuple(dict.fromkeys(decode_octets(tag[1]).text.lower() for tag in found if tag))


def _read(value: bytes, *, arc: bool = False, hop: int = 0, ambiguous: bool = False) -> AuthenticationResults:
    text = decode_octets(value[:MAX_FIELD_SIZE]).text
    parts, unbalanced = _split(text)
    ambiguous = ambiguous or unbalanced or len(value) > MAX_FIELD_SIZE or text[:1] == "("
    instance = 0
    if arc and (found := _INSTANCE.fullmatch(parts[0])):
        instance = int(found[1])
        del parts[0]
    if not parts:
        return AuthenticationResults("", (), instance, ambiguous=True, hop=hop)
    authserv_id, parts[0], usual = _read_authserv_id(parts[0])
    ambiguous = ambiguous or not usual
    results: list[MethodResult] = []
    for part in parts:
        plain = _PLAIN_RESULT.fullmatch(part)
        if plain:
            result, doubled = _read_plain_result(plain)
        elif method := _RESULT.match(part):
            result, doubled = _read_result(method, part)
        else:
            continue
        results.append(result)
        ambiguous = ambiguous or doubled
    return AuthenticationResults(authserv_id, tuple(results), instance, ambiguous, hop)


def _split(text: str) -> tuple[list[str], bool]:
    """The parts between semicolons, without comments, and whether quotes and parentheses do not balance."""
    plain = _PLAIN_COMMENT.sub(" ", text) if "(" in text else text
    if text.count("(") + text.count(";") < MAX_MARKS and not _MARK_BUT_SEMICOLON.search(plain):
        return plain.split(";"), False
    parts: list[str] = []
    part = ""
    start = position = 0
    ambiguous = False
    for _ in range(MAX_MARKS):
        mark = _MARK.search(text, position)
        if mark is None:
            parts.append(part + text[start:])
            return parts, ambiguous
        begin, position = mark.span()
        kind = text[begin]
        if kind == ";":
            parts.append(part + text[start:begin])
            part = ""
            start = position
        elif kind == "(":
            if position == begin + 1:
                position = _end_of_comment(text, position)
            if not position:
                break
            apart = begin == 0 or text[begin - 1] in _BEFORE_COMMENT
            part += text[start:begin] + (" " if apart else _NOT_IN_A_VALUE.sub("", text[begin:position]))
            start = position
        elif kind == ")":
            ambiguous = True
        elif position == begin + 1:  # a quote that nothing closes
            break
    rest = part + text[start:].replace('"', " ")  # none of them is tried again: so the whole takes linear time
    return [*parts, *rest.split(";", MAX_MARKS)], True


def _end_of_comment(text: str, position: int) -> int:
    """Behind the parenthesis that closes the comment open at `position`; 0 if there is none."""
    depth = 1
    for number, mark in enumerate(_PARENTHESIS.finditer(text, position)):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if not depth:
            return mark.end()
        if number > MAX_MARKS:
            break
    return 0


def _read_authserv_id(part: str) -> tuple[str, str, bool]:
    """The authserv-id, what of `part` are results, and whether it is spelled as every host spells it.

    Behind the id a version may stand. The id may be missing (Microsoft, inside of its own), or the semicolon behind it.
    """
    words = part.split()
    if not words:
        return "", "", False
    if len(words) == 1 or (len(words) == 2 and words[1].isdecimal()):
        authserv_id = words[0]
        if "=" in authserv_id and _RESULT.match(authserv_id):
            return "", part, True
        if authserv_id[0] == '"':
            return _unquoted(authserv_id), "", False
        return authserv_id, "", True
    if _RESULT.match(part):
        return "", part, True
    rest = part.lstrip()[len(words[0]) :]
    if words[0][0] != '"' and _RESULT.match(rest):
        return words[0], rest, False
    return " ".join(words), "", False


def _read_plain_result(found: re.Match[str]) -> tuple[MethodResult, bool]:
    """The same as `_read_result` of what is nothing but a result and properties, none of them quoted."""
    properties: dict[str, str] = {}
    words = found[3].split()
    for word in words:
        key, _, value = word.partition("=")
        properties.setdefault(key.lower(), value)
    return MethodResult(found[1].lower(), found[2].lower(), "", properties), len(properties) < len(words)


def _read_result(method: re.Match[str], part: str) -> tuple[MethodResult, bool]:
    """The result that `part` spells, and whether a property stands in it twice."""
    reason = ""
    doubled = False
    properties: dict[str, str] = {}
    for property_type, name, value in _PROPERTY.findall(part, method.end()):
        if property_type:
            key = f"{property_type}.{name}".lower()
            doubled = doubled or key in properties
            properties.setdefault(key, _unquoted(value))
        elif name == "d":
            properties.setdefault("d", _unquoted(value))
        elif name and name.lower() == "reason":
            reason = _unquoted(value)
    return MethodResult(method[1].lower(), method[2].lower(), reason, properties), doubled


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        inner = value[1:-1]
        return _QUOTED_PAIR.sub(r"\1", inner) if "\\" in inner else inner
    return value
