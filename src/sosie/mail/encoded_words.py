"""Text of header fields: raw 8-bit octets (RFC 6532) and encoded words (RFC 2047, with the language of RFC 2231, 5).

Everything is decoded as mail clients decode it rather than as the grammar allows it: a filter that reads less than the
reader is blind. So encoded words are found within words and quoted strings too, their text may hold spaces and question
marks, adjacent words of one charset are joined before decoding (a character may be split between them), and what cannot
be decoded is replaced. Nothing here raises.

Charsets are looked up in a table, never by Python's own look-up: that one knows codecs that are no charsets (base64,
rot13, idna, unicode_escape), imports modules by name and remembers every unknown name it was ever asked for.
"""

import binascii
import codecs
import re
from itertools import islice
from typing import NamedTuple

from sosie.mail.defect import NO_DEFECTS, Defect

# Between the second question mark and "?=": anything but the start of another encoded word ("=?", unless it is base64
# padding before the end). Every position is passed over once, so that a search through any text takes linear time.
_ENCODED_WORD = re.compile(r"=\?([^?\s=]++)\?([BbQq])\?((?:[^?=]++|=(?!\?)|=(?=\?=)|\?(?!=))*+)\?=")

# The same without white space or groups: an encoded word as one token of a phrase (RFC 2047, 5(3)).
ENCODED_WORD_PATTERN = r"=\?[^?\s=]++\?[BbQq]\?(?:[^?=\s]++|=(?!\?)|=(?=\?=)|\?(?!=))*+\?="

# In one text. A word is at most 75 octets (RFC 2047, 2), so these are some 50 kB: more than is ever shown.
MAX_ENCODED_WORDS = 1000

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]++")
_ESCAPES = re.compile(rb"(?:=[0-9A-Fa-f]{2})++")
_NO_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2})")
_LINE_BREAK = re.compile(r"\r\n|[\r\n]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

# Python's name of a codec: the names it goes by in mail (RFC 2047 takes them from the IANA registry), without "-", "_",
# ":", "." and " ". As the WHATWG Encoding Standard has it for the web and clients do in mail, a name means the
# charset's superset where there is one: latin-1 is windows-1252, GB 2312 is GB 18030.
_NAMES_OF_CODECS = {
    "ascii": "usascii ascii ansix341968 ansix341986 iso646us",
    "utf_8": "utf8 unicode11utf8 utf8mac",
    "utf_7": "utf7 unicode11utf7",
    "utf_16": "utf16",
    "utf_16_be": "utf16be",
    "utf_16_le": "utf16le",
    "cp1252": "windows1252 cp1252 xcp1252 iso88591 latin1 l1 isolatin1",
    "iso8859_2": "iso88592 latin2 l2",
    "iso8859_3": "iso88593 latin3 l3",
    "iso8859_4": "iso88594 latin4 l4",
    "iso8859_5": "iso88595 cyrillic",
    "iso8859_6": "iso88596 iso88596e iso88596i arabic",
    "iso8859_7": "iso88597 greek",
    "iso8859_8": "iso88598 iso88598e iso88598i hebrew",
    "iso8859_10": "iso885910 latin6 l6",
    "iso8859_13": "iso885913 latin7",
    "iso8859_14": "iso885914 latin8",
    "iso8859_15": "iso885915 latin9 l9",
    "iso8859_16": "iso885916 latin10",
    "cp1250": "windows1250 cp1250",
    "cp1251": "windows1251 cp1251",
    "cp1253": "windows1253 cp1253",
    "cp1254": "windows1254 cp1254 iso88599 latin5 l5",
    "cp1255": "windows1255 cp1255",
    "cp1256": "windows1256 cp1256",
    "cp1257": "windows1257 cp1257",
    "cp1258": "windows1258 cp1258",
    "cp874": "windows874 cp874 tis620 iso885911 dos874",
    "cp437": "ibm437 cp437",
    "cp850": "ibm850 cp850",
    "cp852": "ibm852 cp852",
    "cp866": "ibm866 cp866",
    "koi8_r": "koi8r koi8",
    "koi8_u": "koi8u koi8ru",
    "mac_roman": "macintosh macroman xmacroman",
    "mac_cyrillic": "xmaccyrillic",
    "gb18030": "gb18030 gbk gb2312 gb231280 csgb2312 cp936 windows936 euccn",
    "hz": "hzgb2312 hz",
    "big5hkscs": "big5 big5hkscs cp950 windows950",
    "cp932": "shiftjis sjis xsjis cp932 windows31j mskanji",
    "euc_jp": "eucjp xeucjp",
    "iso2022_jp_ext": "iso2022jp iso2022jp1 cp50220 cp50221",
    "iso2022_jp_2": "iso2022jp2",
    "cp949": "euckr ksc56011987 ksc5601 ksc56011989 cp949 uhc windows949",
    "iso2022_kr": "iso2022kr",
    "johab": "johab cp1361",
}
_CODECS = {name: codec for codec, names in _NAMES_OF_CODECS.items() for name in names.split()}
# Total: the five octets that windows-1252 leaves open are the C1 controls of latin-1, as on the web.
_WINDOWS_1252 = "".join(bytes([octet]).decode("cp1252", "ignore") or chr(octet) for octet in range(256))
_PUNCTUATION_IN_NAMES = str.maketrans("", "", "-_:. ")


class Decoded(NamedTuple):
    """Text for people, without NUL and lone surrogates, and what was wrong with its spelling."""

    text: str
    defects: frozenset[Defect] = NO_DEFECTS


def decode_text(value: bytes) -> Decoded:
    """Decode unstructured text (RFC 5322, 2.2.1) such as a subject: raw octets first, then encoded words."""
    raw = decode_octets(value)
    decoded = decode_encoded_words(raw.text)
    return Decoded(decoded.text, raw.defects | decoded.defects)


def decode_octets(value: bytes) -> Decoded:
    """Decode raw octets as UTF-8 (RFC 6532, 3.2), else as windows-1252; NUL is dropped."""
    defects = NO_DEFECTS
    if b"\0" in value:
        value = value.replace(b"\0", b"")
        defects = frozenset({Defect.NUL})
    try:
        return Decoded(value.decode("utf-8"), defects)
    except UnicodeDecodeError:
        return Decoded(_from_windows_1252(value), defects | {Defect.INVALID_UTF8})


def decode_encoded_words(text: str) -> Decoded:
    """Decode all encoded words of `text`, and drop the white space between adjacent ones (RFC 2047, 6.2)."""
    if "=?" not in text:
        return Decoded(text)
    defects: set[Defect] = set()
    pieces: list[str] = []
    octets: list[bytes] = []  # of adjacent words in `charset`
    charset = ""
    end = 0
    for word in islice(_ENCODED_WORD.finditer(text), MAX_ENCODED_WORDS):
        between = text[end : word.start()]
        adjacent = end > 0 and (not between or between.isspace())
        found = word[1].partition("*")[0].lower()
        if octets and (not adjacent or found != charset):
            pieces.append(_decode(b"".join(octets), charset, defects))
            octets = []
        if not adjacent:
            pieces.append(between)
        octets.append((_from_b if word[2] in "Bb" else _from_q)(word[3], defects))
        charset = found
        end = word.end()
    if octets:
        pieces.append(_decode(b"".join(octets), charset, defects))
    if _ENCODED_WORD.search(text, end):
        defects.add(Defect.TOO_MANY_ENCODED_WORDS)
    pieces.append(text[end:])
    return Decoded("".join(pieces), frozenset(defects))


def _decode(octets: bytes, charset: str, defects: set[Defect]) -> str:
    codec = _CODECS.get(charset.translate(_PUNCTUATION_IN_NAMES))
    if codec is None:
        defects.add(Defect.UNKNOWN_CHARSET)
        text = decode_octets(octets).text
    elif codec == "cp1252":
        text = _from_windows_1252(octets)
    elif codec == "ascii" and not octets.isascii():
        defects.add(Defect.INVALID_ENCODED_WORD)
        text = decode_octets(octets).text
    else:
        try:
            text = octets.decode(codec)
        except UnicodeError:
            defects.add(Defect.INVALID_ENCODED_WORD)
            text = octets.decode(codec, "replace")
    if "\n" in text or "\r" in text:
        defects.add(Defect.LINE_BREAK_IN_ENCODED_WORD)
        text = _LINE_BREAK.sub(" ", text)
    if "\0" in text:
        defects.add(Defect.NUL)
        text = text.replace("\0", "")
    return _SURROGATE.sub("\ufffd", text)  # which UTF-7 can spell


def _from_b(text: str, defects: set[Defect]) -> bytes:
    """RFC 2047, 4.1 (base64). Padding may be missing, or stand where two encoded texts were put together."""
    encoded, strange = _NOT_BASE64.subn(b"", text.encode("ascii", "replace"))
    runs = [run for run in encoded.split(b"=") if run]
    if strange or any(len(run) % 4 == 1 for run in runs):
        defects.add(Defect.INVALID_ENCODED_WORD)
    whole = (run[:-1] if len(run) % 4 == 1 else run for run in runs)
    return b"".join(binascii.a2b_base64(run + b"=" * (-len(run) % 4)) for run in whole)


def _from_q(text: str, defects: set[Defect]) -> bytes:
    """RFC 2047, 4.2 (nearly quoted-printable). What is no escape is left as it stands."""
    encoded = text.encode("utf-8", "replace").replace(b"_", b" ")
    if _NO_ESCAPE.search(encoded):
        defects.add(Defect.INVALID_ENCODED_WORD)
    return _ESCAPES.sub(lambda escapes: bytes.fromhex(escapes[0].replace(b"=", b"").decode("ascii")), encoded)


def _from_windows_1252(octets: bytes) -> str:
    return codecs.charmap_decode(octets, "strict", _WINDOWS_1252)[0]
