"""Names of the scripts of India in Latin letters.

The blocks of Unicode from Devanagari to Malayalam have one layout (that of ISCII, the Indian standard IS 13194:1991),
so one table, of ISO 15919 without its marks, reads them all. Aspiration, length and the vowel a, which is not written
in them and is left out or put in by people, are folded on both sides. The key is for comparing a name of such a script
with a Latin one, never for two Latin ones.

Missed: Tamil and Sinhala, whose letters stand for several sounds or another layout; customs of one family (Iyer).
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

from sosie.likeness.transliteration import undoubled

_DEVANAGARI, _END = 0x0900, 0x0D80
_BLOCK = 0x80  # code points of each
_TAMIL = 0x0B80
_CONSONANTS = dict(zip(
    range(0x15, 0x3A),
    "k kh g gh n c ch j jh n t th d dh n t th d dh n n p ph b bh m y r r l l l v s s s h".split(),
    strict=True,
))  # fmt: skip
_SIGNS = dict(zip(
    (0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x14, 0x01, 0x02,
     0x3E, 0x3F, 0x40, 0x41, 0x42, 0x43, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x71),
    "a a i i u u ri e e ai o o o au n n a i i u u ri e e e ai o o o au n".split(),
    strict=True,
))  # fmt: skip
_VOWEL_SIGNS = frozenset(range(0x3E, 0x4D))
_VIRAMA, _NUKTA = 0x4D, 0x3C
_FOLDS = {
    form: folded
    for folded, forms in {
        "k": "kh q ck", "g": "gh", "c": "ch chh", "j": "jh z", "t": "th", "d": "dh", "p": "ph f", "b": "bh", "s": "sh",
        "v": "w", "ks": "x ksh", "n": "ngh ng nh", "gy": "jny gny dny jn gn", "mb": "nb", "mp": "np",
        "i": "ee ii", "u": "oo uu",
    }.items()
    for form in forms.split()
}  # fmt: skip
_FOLDED = re.compile("|".join(sorted(_FOLDS, key=len, reverse=True)))
_ROUNDED = re.compile(r"[ao][uw](?![aeiou])")  # Choudhari, Chowdhary, Chaudhari
_VOWELS = (
    (re.compile(r"(?:a[iy]|ei|ey|ae)(?![aeiou])"), "e"),
    (re.compile(r"er(?![aeiouy])"), "ar"),  # Verma, Varma
    (re.compile(r"(?<=[^aeiouy])ya?$"), "i"),
    (re.compile(r"(?<=.)a+"), ""),
)


def is_indic(text: str) -> bool:
    """Whether all letters of the text are of scripts that `in_latin` reads."""
    points = [ord(one) for one in text if one.isalpha()]
    return bool(points) and all(_DEVANAGARI <= one < _END and one // _BLOCK * _BLOCK != _TAMIL for one in points)


def in_latin(word: str) -> str:
    """A word of such a script in Latin letters, the vowel a where it is inherent, but for the last one."""
    latin, inherent = [], False
    for character in normalize("NFD", word):
        place = (ord(character) - _DEVANAGARI) % _BLOCK
        if inherent and place not in _VOWEL_SIGNS and place not in (_VIRAMA, _NUKTA):
            latin.append("a")
        if place == _NUKTA:
            continue
        inherent = place in _CONSONANTS
        latin.append(_CONSONANTS.get(place) or _SIGNS.get(place, ""))
    return "".join(latin)


@lru_cache(maxsize=8192)  # words of names come again and again
def indic_key(word: str) -> str:
    """The word, of small Latin letters, with the differences between ways of writing Indian names folded."""
    word = _FOLDED.sub(lambda found: _FOLDS[found[0]], _ROUNDED.sub("o", word))
    for pattern, form in _VOWELS:
        word = pattern.sub(form, word)
    return undoubled(word)
