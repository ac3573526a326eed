"""Ways to write a name so that people read it and programs do not, for names of any script.

The look-alikes are pairs that UTS 39's confusables have, too.
"""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import bidirectional

# Invented, each of a script; long enough that a spaced or dotted one cannot be a list of initials.
NAMES = {
    "Latin": "Jonathan Rowbottom",
    "Latin, accents": "Zdeněk Příhoda",
    "Latin, apostrophe": "Siobhan O'Rourkeson",
    "Latin, hyphen": "Marie-Claire Vandermolen",
    "Vietnamese": "Nguyễn Thị Hoài Thương",
    "Turkish": "İlker Işıkdağ",
    "Cyrillic": "Ростислав Переверзев",
    "Ukrainian": "Євген Їжакевич",
    "Greek": "Αλέξανδρος Παπανικολάου",
    "Armenian": "Հովհաննես Գրիգորյան",
    "Georgian": "ნიკოლოზ ბერიძეშვილი",
    "Hebrew": "אברהם שטרנברג",
    "Arabic": "عبد الرحمن الزهراني",
    "Persian": "کیومرث پورابراهیمی",
    "Devanagari": "राजेन्द्र भट्टाचार्य",
    "Bengali": "রবীন্দ্রনাথ মুখোপাধ্যায়",
    "Tamil": "கார்த்திகேயன் சுப்பிரமணியம்",
    "Thai": "สมชาย วงศ์สวัสดิ์",
    "Han": "欧阳建国",
    "Han, short": "李小龙",
    "Japanese": "勅使河原 健太郎",
    "Katakana": "マクドナルド タカシ",
    "Hangul": "남궁민준",
    "Ethiopic": "ተስፋዬ ገብረማርያም",
}
_FROM_LATIN = str.maketrans("aceopxyijsAEBCHKMOPTX", "асеорхуіјѕАЕВСНКМОРТХ")
_TO_LATIN = str.maketrans("асеорхуіјѕАЕВСНКМОРТХοαΑΕΟΡνօ", "aceopxyijsAEBCHKMOPTXoaAEOPvo")


def _after_each(mark: str) -> Callable[[str], str]:
    return lambda name: "".join(c + mark if c.isalpha() else c for c in name)


def _inside_words(mark: str) -> Callable[[str], str]:
    """Between the letters, but not before a combining mark, which would change what is read."""

    def disguise(name: str) -> str:
        return " ".join(_joined(word, mark) for word in name.split(" "))

    return disguise


def _joined(word: str, mark: str) -> str:
    first, *others = word
    return first + "".join(mark + c if c.isalpha() else c for c in others)


def _mixed(name: str) -> str:
    """A letter or more from another script."""
    return name.translate(_FROM_LATIN) if name.translate(_FROM_LATIN) != name else name.translate(_TO_LATIN)


def _one_mixed(name: str) -> str:
    """Exactly one letter from another script."""
    whole = _mixed(name)
    place = next((i for i, (a, b) in enumerate(zip(name, whole, strict=True)) if a != b), None)
    return name if place is None else name[:place] + whole[place] + name[place + 1 :]


def _overridden(name: str) -> str:
    """Backwards, and displayed against the script's own direction (UAX 9, X4 and X5), so that it reads as it should."""
    to_the_left = bidirectional(name[0]) in ("R", "AL")
    return ("\u202d" if to_the_left else "\u202e") + name[::-1] + "\u202c"


DISGUISES: dict[str, Callable[[str], str]] = {
    "spaced": lambda name: "  ".join(_joined(word, " ") for word in name.split(" ")),
    "dotted": _inside_words("."),
    "hyphened": _inside_words("-"),
    "underscored": _inside_words("_"),
    "zero width space U+200B": _inside_words("\u200b"),
    "word joiner U+2060": _inside_words("\u2060"),
    "byte order mark U+FEFF": _inside_words("\ufeff"),
    "soft hyphen U+00AD": _inside_words("\u00ad"),
    "grapheme joiner U+034F": _inside_words("\u034f"),
    "Hangul filler U+3164": _inside_words("\u3164"),
    "tag U+E0061": _after_each("\U000e0061"),
    "variation selector U+FE00": _after_each("\ufe00"),
    "variation selector U+E0100": _after_each("\U000e0100"),
    "variation selector U+E01EF": _after_each("\U000e01ef"),
    "stroke U+0337": _after_each("\u0337"),
    "enclosing circle U+20DD": _after_each("\u20dd"),
    "mixed script": _mixed,
    "one letter of another script": _one_mixed,
    "bidi override": _overridden,
    "bidi marks": lambda name: "\u200e" + name + "\u200f",
    "no-break spaces": lambda name: name.replace(" ", "\u00a0"),
    "ideographic spaces": lambda name: name.replace(" ", "\u3000"),
    "without spaces": lambda name: name.replace(" ", ""),
    "capitals": str.upper,
}
