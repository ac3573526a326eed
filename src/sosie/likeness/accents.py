"""Latin names as people write them without the marks of their language."""

from __future__ import annotations

from unicodedata import normalize

from sosie.likeness.tables.latin import LETTERS, PLAIN_LETTERS
from sosie.likeness.visible_text import within_bounds

# Letters that are two, or another one; those that are one letter with a stroke or a hook come from the table.
_SPELT = {
    "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ß": "ss", "ẞ": "SS", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D",
    "ı": "i", "ĸ": "k", "ŋ": "n", "Ŋ": "N", "ſ": "s", "ə": "e", "Ə": "E", "ǆ": "dz", "ǅ": "Dz", "Ǆ": "DZ",
    "ǉ": "lj", "ǈ": "Lj", "Ǉ": "LJ", "ǌ": "nj", "ǋ": "Nj", "Ǌ": "NJ", "ɑ": "a", "ɡ": "g", "ɛ": "e", "Ɛ": "E",
    "ɔ": "o", "Ɔ": "O", "ŉ": "'n",
}  # fmt: skip
# Marks of Latin, Greek and Cyrillic letters. Marks of other scripts are vowels or change the letter, and stay.
_MARKS = dict.fromkeys((*range(0x0300, 0x0370), *range(0x1AB0, 0x1B00), *range(0x1DC0, 0x1E00)))
_FOLDED = {**_MARKS, **str.maketrans(LETTERS, PLAIN_LETTERS), **{ord(one): form for one, form in _SPELT.items()}}
_BREVES = str.maketrans({"й": "\ue000", "Й": "\ue001", "ў": "\ue002", "Ў": "\ue003"})  # kept out of decomposition
_BREVES_BACK = str.maketrans({"\ue000": "й", "\ue001": "Й", "\ue002": "ў", "\ue003": "Ў"})

# What a language writes where it may not write the mark: German, Danish, Norwegian, Swedish, Finnish, Icelandic,
# Croatian.
_SECOND_FORM = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "đ": "dj", "ð": "dh",
    "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe", "Đ": "Dj", "Ð": "Dh",
})  # fmt: skip


def unaccented(text: str) -> str:
    """The text with its diacritics left out: é is e, ł is l, ø is o, ß is ss, æ is ae; ё is е, but й stays й.

    Marks of scripts other than Latin, Greek and Cyrillic stay. Case stays, except that Æ is `Ae`.
    """
    if text.isascii():
        return text
    composed = normalize("NFC", within_bounds(text))
    decomposed = normalize("NFD", composed.translate(_BREVES)).translate(_FOLDED)
    return normalize("NFC", decomposed.translate(_BREVES_BACK))


def unaccented_forms(text: str) -> tuple[str, ...]:
    """The ways of writing the text without marks, the plainest first: `Jörg Åberg` is `Jorg Aberg` or `Joerg Aaberg`.

    One or two forms.
    """
    plain = unaccented(text)
    if text.isascii():
        return (plain,)
    second = unaccented(normalize("NFC", within_bounds(text)).translate(_SECOND_FORM))
    return (plain,) if second == plain else (plain, second)
