"""What a reader sees of a text, and which of its characters show nothing.

Characters that show nothing let a text differ from the one it looks like. Some have honest work to do: they choose
the emoji form of a sign, the form of a Han character, or how letters of some scripts join (RFC 5892, appendices A.1
and A.2). `visible` leaves all of them out, because texts are compared without them; `invisible` names only the others.
"""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import bidirectional, category, combining, normalize

from sosie.likeness.display_order import MAX_LOOKED_AT, displayed
from sosie.likeness.scripts import HAN, UNKNOWN, script_of

__all__ = ["MAX_CHARACTERS", "displayed", "invisible", "visible", "within_bounds"]

# A line of a message has at most 998 octets (RFC 5322, 2.1.1) and a name is less than a line. The limit is there
# because normalizing a run of n combining marks takes n x n steps: 1,000 marks take about a millisecond.
MAX_CHARACTERS = 1_000
# No writing puts more marks on a letter: the Stream-Safe Text Format (UAX 15, section 13) allows 30 in a row.
MAX_MARKS = 30

_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069")
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))  # variation selectors 1 to 16
_IDEOGRAPHIC_SELECTORS = frozenset(map(chr, range(0xE0100, 0xE01F0)))  # 17 to 256, for Han (UTS 37)
_MONGOLIAN = frozenset("\u180b\u180c\u180d\u180e\u180f")
_KHMER = frozenset("\u17b4\u17b5")
_TAGS = frozenset(map(chr, range(0xE0020, 0xE0080)))
_JAMO_FILLERS = frozenset("\u115f\u1160")
# Default-ignorable characters of the categories Mn and Lo, which their category does not give away.
_IGNORABLE = (
    _SELECTORS
    | _IDEOGRAPHIC_SELECTORS
    | _MONGOLIAN
    | _KHMER
    | _JAMO_FILLERS
    | frozenset("\u034f\u3164\uffa0")  # combining grapheme joiner, fillers of Hangul
)
# Marks that enclose a letter or draw a line over, under or through it: it is still read.
_ENCLOSING = frozenset(map(chr, range(0x20D0, 0x20F1))) | frozenset("\u0488\u0489\u1abe\ua670\ua671\ua672")
_LINES = frozenset("\u0305\u0332\u0333\u0334\u0335\u0336\u0337\u0338\u033f\u035e\u035f")
_HIDDEN = _IGNORABLE | _ENCLOSING | _LINES
_SHOWN_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_WHITE = frozenset("\t\n\v\f\r\x85\u2028\u2029\u2800") | frozenset(  # White_Space (UAX 44), and the blank of Braille
    "\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\xa0"
)
# Letters in another dress that NFKC does not know as such: small capitals, white on black.
_STYLED = str.maketrans(
    "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ" + "".join(map(chr, (*range(0x1F150, 0x1F16A), *range(0x1F170, 0x1F18A)))),
    "abcdefghijklmnopqrstuvwyz" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 2,
)

_DRESSED = frozenset(map(chr, _STYLED))
# What NFKC takes for another letter than the reader does: lunate sigmas, the iota below a letter standing alone.
_AS_READ = (("ϲ", "c"), ("Ϲ", "C"), ("ͺ", "i"))
_EMOJI_BASES = frozenset("0123456789#*‼⁉〰〽©®ℹ")
_KEYCAP_BASES = frozenset("0123456789#*")
_VARIED_SCRIPTS = frozenset({HAN, "Mongolian", "Phags_Pa", "Myanmar", "Manichaean"})
_JOINED_SCRIPTS = frozenset(
    "Adlam Arabic Bengali Devanagari Gujarati Gurmukhi Hanifi_Rohingya Kannada Khmer Malayalam Mandaic Mongolian"
    " Myanmar Nko Oriya Sinhala Syriac Tamil Telugu".split()
)
_SPACELESS_SCRIPTS = frozenset({"Khmer", "Lao", "Myanmar", "Thai"})
_VIRAMA = 9  # Canonical_Combining_Class of viramas
_LONGEST_FLAG = 8  # characters of a flag made of tags: the flag, the region, the end (UTS 51, annex C)


def visible(text: str) -> str:
    """The text as it is read: NFKC, without characters that show nothing or enclose or strike letters; spaces single.

    Small capitals and letters on black are letters. Not in visual order: `displayed` comes before. Of a
    text longer than `MAX_CHARACTERS`, what `within_bounds` leaves of it.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:MAX_CHARACTERS].rstrip()
    form = normalize("NFKC", _as_read(_shown(within_bounds(text))))
    plain = _shown(form)
    if not _DRESSED.isdisjoint(plain):
        plain = plain.translate(_STYLED)
    if plain != form:
        form = normalize("NFKC", plain)
    return " ".join(form.split())[:MAX_CHARACTERS].rstrip()


def invisible(text: str) -> tuple[str, ...]:
    """The characters that `visible` takes away and that have no honest work where they stand; each once, in order.

    Not named: what shows a sign, though not its own (lone surrogates, controls of the C1 set, which are letters of a
    wrongly named charset, private and unassigned characters that do not stand between letters).
    """
    if _shows_all(text):
        return ()
    text = text[:MAX_LOOKED_AT]
    at_work = _BIDI_CONTROLS if _is_right_to_left(text) else frozenset()
    hidden = ((place, one) for place, one in enumerate(text) if _is_hidden(one) and one not in at_work)
    return tuple(dict.fromkeys(one for place, one in hidden if not _has_work(text, place)))


def within_bounds(text: str) -> str:
    """A text of at most `MAX_CHARACTERS`: itself, or without what shows nothing, without marks after the thirtieth on
    one letter, and then cut.

    In that order, so that padding with what is not seen does not push a name out of sight, within the first
    `MAX_LOOKED_AT` characters.
    """
    if len(text) <= MAX_CHARACTERS:
        return text
    text = text[:MAX_LOOKED_AT]
    shown = text if _shows_all(text) else (" " if one in _WHITE else one for one in text if not _is_lost(one))
    kept: list[str] = []
    marks = 0
    for character in shown:  # no farther than is kept
        marks = marks + 1 if combining(character) else 0
        if marks <= MAX_MARKS:
            kept.append(character)
        if len(kept) == MAX_CHARACTERS:
            break
    return "".join(kept)


def _as_read(text: str) -> str:
    for letter, read in _AS_READ:
        text = text.replace(letter, read)
    return text


def _is_right_to_left(text: str) -> bool:
    """Whether marks, embeddings and isolates (overrides never) have something to order: letters from right to left."""
    if _BIDI_CONTROLS.isdisjoint(text):
        return False
    return any(bidirectional(one) in ("R", "AL") for one in text if one not in _BIDI_CONTROLS)


def _shown(text: str) -> str:
    """Without the characters that show nothing; every kind of white space a space."""
    if _shows_all(text):
        return text
    return "".join([" " if one in _WHITE else one for one in text if not _is_lost(one)])


def _shows_all(text: str) -> bool:
    return text.isprintable() and _HIDDEN.isdisjoint(text)


def _is_lost(character: str) -> bool:
    return character not in _WHITE and _is_hidden(character)


def _is_hidden(character: str) -> bool:
    if character in _HIDDEN:
        return True
    kind = category(character)
    if kind == "Cn":  # a character younger than this Python is one all the same
        return script_of(character) == UNKNOWN
    return kind[0] == "C" and character not in _SHOWN_FORMATS and character not in _WHITE


def _has_work(text: str, place: int) -> bool:
    """Whether the hidden character at this place has honest work to do, or shows some sign."""
    character = text[place]
    if is_needed := _WORK.get(character):
        return is_needed(text, place)
    kind = category(character)
    if kind in ("Co", "Cn"):
        return not (text[place - 1 : place].isalpha() and text[place + 1 : place + 2].isalpha())
    return kind == "Cs" or "\x80" <= character <= "\x9f"


def _before(text: str, place: int) -> str:
    return text[place - 1] if place else " "


def _after(text: str, place: int) -> str:
    return text[place + 1] if place + 1 < len(text) else " "


def _varies_a_sign(text: str, place: int) -> bool:
    """A variation selector after an emoji or a sign, or after a letter of a script that has variants."""
    before = _before(text, place)
    symbol = category(before)[0] == "S" and not before.isascii()
    return symbol or before in _EMOJI_BASES or script_of(before) in _VARIED_SCRIPTS


def _varies_han(text: str, place: int) -> bool:
    return script_of(_before(text, place)) == HAN


def _encloses_a_sign(text: str, place: int) -> bool:
    """A keycap, or a circle around an emoji."""
    before = _before(text, place)
    return before == "\ufe0f" or before in _KEYCAP_BASES or category(before) == "So"


def _joins(text: str, place: int) -> bool:
    """ZERO WIDTH JOINER or NON-JOINER in an emoji sequence (UTS 51), beside a virama, or after a letter that joins."""
    before, after = _before(text, place), _after(text, place)
    emoji = (before == "\ufe0f" or category(before) in ("So", "Sk")) and category(after) == "So"
    virama = _VIRAMA in (combining(before), combining(after))
    return emoji or virama or script_of(before) in _JOINED_SCRIPTS


def _divides_words(text: str, place: int) -> bool:
    """ZERO WIDTH SPACE between words of a script that has no spaces."""
    return {script_of(_before(text, place)), script_of(_after(text, place))} <= _SPACELESS_SCRIPTS


def _begins_a_charset(text: str, place: int) -> bool:
    """ESC as in ISO 2022 (`ESC $ B`, `ESC ( J`): a name that was sent without saying its charset, nothing hidden."""
    return _after(text, place) in "$("


def _names_a_flag(text: str, place: int) -> bool:
    flag, _, tags = text[max(0, place - _LONGEST_FLAG) : place].rpartition("\N{WAVING BLACK FLAG}")
    return flag + tags != text[max(0, place - _LONGEST_FLAG) : place] and set(tags) <= _TAGS


def _selects_mongolian(text: str, place: int) -> bool:
    return script_of(_before(text, place)) == "Mongolian"


def _follows_khmer(text: str, place: int) -> bool:
    return script_of(_before(text, place)) == "Khmer"


def _fills_a_syllable(text: str, place: int) -> bool:
    """A filler beside a conjoining letter of Hangul."""
    return any("\u1100" <= one <= "\u11ff" for one in (_before(text, place), _after(text, place)))


_WORK: dict[str, Callable[[str, int], bool]] = {
    **dict.fromkeys(_SELECTORS, _varies_a_sign),
    **dict.fromkeys(_IDEOGRAPHIC_SELECTORS, _varies_han),
    **dict.fromkeys(_ENCLOSING, _encloses_a_sign),
    **dict.fromkeys(_TAGS, _names_a_flag),
    **dict.fromkeys(_MONGOLIAN, _selects_mongolian),
    **dict.fromkeys(_KHMER, _follows_khmer),
    **dict.fromkeys(_JAMO_FILLERS, _fills_a_syllable),
    **dict.fromkeys("\u200c\u200d", _joins),
    "\u200b": _divides_words,
    "\x1b": _begins_a_charset,
}
