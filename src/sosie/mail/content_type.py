"""What kind of thing a message is, as far as its header says: Content-Type (RFC 2045, 5.1), Auto-Submitted (RFC 3834).

Only the outermost part is seen. An invitation that also has a text, as most do, is multipart/alternative with the
calendar inside of the body, and looks here like any other message.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from sosie.mail.encoded_words import decode_octets

MAX_FIELD_SIZE = 4 * 1024  # octets that are read: a boundary has at most 70 (RFC 2046, 5.1.1)
MAX_PARAMETERS = 20

_TOKEN = r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]++"  # noqa: S105 - RFC 2045's word for it; no secret
_COMMENT = r"(?:\s++|\([^()]*+\))*+"
_MEDIA_TYPE = re.compile(rf"{_COMMENT}({_TOKEN})\s*+/\s*+({_TOKEN})")
_PARAMETER = re.compile(rf';{_COMMENT}({_TOKEN})\s*+=\s*+("(?:[^"\\]++|\\.)*+"|[^\s;"]++)', re.DOTALL)
_KEYWORD = re.compile(rf"{_COMMENT}({_TOKEN})")
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


class ContentType(NamedTuple):
    """`media_type` ("text/plain") and names of `parameters` in lower case, values as written, without quotes.

    Of a parameter that stands twice the first counts.
    """

    media_type: str
    parameters: Mapping[str, str]


PLAIN_TEXT = ContentType("text/plain", {})  # what a message is that does not say (RFC 2045, 5.2)


def read_content_type(value: bytes) -> ContentType:
    """Read an unfolded value; what cannot be read is plain text, as RFC 2045, 5.2 wants it. Never raises."""
    text = decode_octets(value[:MAX_FIELD_SIZE]).text
    found = _MEDIA_TYPE.match(text)
    if not found:
        return PLAIN_TEXT
    parameters: dict[str, str] = {}
    for number, parameter in enumerate(_PARAMETER.finditer(text, found.end())):
        if number == MAX_PARAMETERS:
            break
        content = parameter[2]
        if content[0] == '"':
            content = _QUOTED_PAIR.sub(r"\1", content[1:-1])
        parameters.setdefault(parameter[1].lower(), content)
    return ContentType(f"{found[1]}/{found[2]}".lower(), parameters)


def read_keyword(value: bytes) -> str:
    """The keyword with which a value begins, in lower case: of Auto-Submitted (RFC 3834, 5) or Precedence."""
    found = _KEYWORD.match(decode_octets(value[:MAX_FIELD_SIZE]).text)
    return found[1].lower() if found else ""
