"""Greek names in Latin letters.

A Greek name is written letter by letter and pair by pair as ELOT 743 (ISO 843:1997, type 2) writes it; what people do
otherwise (Yiorgos, Evaggelos, Eythimios, Ntokas) is folded on both sides. The key is for comparing a Greek name with a
Latin one, never for two Latin ones.

Missed: translated given names (George), Latin forms of old (Economou).
"""

from __future__ import annotations

import re
from functools import lru_cache

from sosie.likeness.transliteration import undoubled

_LETTERS = str.maketrans({
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
    "χ": "ch", "ψ": "ps", "ω": "o",
})  # fmt: skip
_PAIRS = (("ου", "ou"), ("αυ", "av"), ("ευ", "ev"), ("ηυ", "iv"))  # the others are folded as the Latin ones are
_FOLDS = {
    form: folded
    for folded, forms in {
        "u": "ou oo", "e": "ai ae", "i": "ei oi ee y j", "av": "au av af", "ev": "eu ev ef ey", "f": "ph", "t": "th",
        "h": "ch kh h", "ks": "x", "g": "gk gg ngk ng nk gh g", "v": "mp mb b v w bh", "d": "nt nd dh d", "ts": "tz",
        "k": "c q ck",
    }.items()
    for form in forms.split()
}  # fmt: skip
_FOLDED = re.compile("|".join(sorted(_FOLDS, key=len, reverse=True)))
_PALATAL = re.compile(r"(?:gi|ghi|yi|ji)(?=[aou])")  # Giorgos, Yiorgos, Yorgos


def in_latin(greek: str) -> str:
    """A word of small Greek letters without marks in Latin ones."""
    for pair, latin in _PAIRS:
        greek = greek.replace(pair, latin)
    return greek.translate(_LETTERS)


@lru_cache(maxsize=8192)  # words of names come again and again
def greek_key(word: str) -> str:
    """The word, of small Latin letters, with the differences between ways of writing Greek folded."""
    word = _PALATAL.sub("y", word)
    return undoubled(_FOLDED.sub(lambda found: _FOLDS[found[0]], word))
