"""Names of other scripts in Latin letters, and keys under which different ways of writing them meet.

There are many ways to write Иван Михайлов in Latin letters, and people use them all. `transliterated` gives one;
`romanisation_key` folds what the ways differ in. The key is for comparing a name with one that was transliterated,
never for two Latin names: it makes more names equal than a reader would.

Missed: readings of Han characters other than the Chinese one (Japanese names), translated given names (Юрий, George),
vowels that a script does not write (for those, `consonant_key`). What Chinese, Korean, Greek and Indian names need
beyond this, `foreign_names` brings together.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sosie.likeness.accents import unaccented
from sosie.likeness.scripts import HAN, LATIN, one_writing, scripts_of
from sosie.likeness.visible_text import visible

_KANA = frozenset({"Hiragana", "Katakana"})
_SYLLABLE = re.compile(r"[A-Z][a-z]*|[a-z]+")
_NO_WORD = re.compile(r"[^a-z -]+")
_SPACES = re.compile(r"[ ·・•=]+")
# Scripts that write no vowels, or have vowels that are not written, so that anyascii gives none or few.
_VOWELLESS = frozenset(
    "Arabic Bengali Devanagari Gujarati Gurmukhi Hebrew Kannada Khmer Lao Malayalam Myanmar Oriya Sinhala Syriac Tamil"
    " Telugu Thai".split()
)
# Family names that are read otherwise than the character is elsewhere.
_FAMILY_NAMES = {
    "单": "shan", "單": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "區": "ou",
    "朴": "piao", "乐": "yue", "樂": "yue", "盖": "ge", "翟": "zhai", "覃": "qin", "尉迟": "yu chi", "尉遲": "yu chi",
    "万俟": "mo qi", "长孙": "zhang sun", "長孫": "zhang sun",
    # Korean ones, as their bearers write them
    "김": "kim", "이": "lee", "박": "park", "최": "choi", "정": "jung", "강": "kang", "조": "cho", "윤": "yoon",
    "임": "lim", "오": "oh", "신": "shin", "권": "kwon", "황": "hwang", "안": "ahn", "류": "ryu", "유": "yoo",
    "전": "jun", "고": "ko", "문": "moon", "배": "bae", "백": "baek", "허": "heo", "노": "noh", "심": "shim",
    "주": "joo", "우": "woo", "구": "koo", "남궁": "nam goong", "황보": "hwang bo", "선우": "sun woo",
}  # fmt: skip
# What anyascii, letter by letter, does not see.
_SPELLINGS = {
    "Greek": (("ου", "u"), ("ού", "u"), ("αυ", "av"), ("αύ", "av"), ("ευ", "ev"), ("εύ", "ev"), ("γγ", "ng"),
              ("γκ", "gk"), ("γχ", "nch")),
    "Cyrillic": (("ьо", "io"), ("ья", "ia"), ("ье", "ie"), ("ью", "iu"), ("ьи", "ii"), ("ый", "y"), ("ий", "iy")),
    "Hebrew": (("כ", "k"), ("ך", "k"), ("ח", "h")),
}  # fmt: skip
_ALEFS = ("ا", "أ", "إ", "آ")
_LONG_O = re.compile(r"ou(?![aeiou])")  # Tarou is Taro, Inoue is Inoue
_UKRAINIAN = re.compile("[іїєґ]")
_UKRAINIAN_SPELLINGS = (("зг", "zgh"), ("г", "h"), ("ґ", "g"), ("є", "ye"), ("и", "y"), ("ї", "yi"))


@lru_cache(maxsize=256)  # asked for several times in a row
def transliterated(text: str) -> str:
    """A name of another script in Latin letters, case-folded, in words: `孙毅` is `sun yi`, `Иван` is `ivan`.

    Empty where there is nothing to transliterate: without letters, with Latin ones, and where scripts meet that no
    one writing uses together, because there letters stand for what they look like and not for their sounds. A
    syllable of Han and Hangul is a word. Korean family names are written as is customary.
    """
    if text.isascii():
        return ""
    shown = visible(text)
    scripts = scripts_of(shown)
    if not scripts or LATIN in scripts or not one_writing(scripts):
        return ""
    words = (_word(word, scripts) for word in _SPACES.split(shown.casefold()))
    return " ".join(" ".join(words).split())


def writes_no_vowels(text: str) -> bool:
    """Whether `transliterated(text)` lacks vowels, so that only `consonant_key` can meet a name in Latin letters."""
    return not text.isascii() and bool(scripts_of(visible(text)) & _VOWELLESS)


def _word(word: str, scripts: frozenset[str]) -> str:
    if scripts <= {HAN, "Bopomofo"} or scripts <= {HAN, "Hangul"}:
        return _syllables(word)
    spellings = next((_SPELLINGS[script] for script in sorted(scripts) if script in _SPELLINGS), ())
    if "Cyrillic" in scripts and _UKRAINIAN.search(word):
        spellings = _UKRAINIAN_SPELLINGS + spellings
    for one, other in spellings:
        word = word.replace(one, other)
    if "Hebrew" in scripts:  # he is a consonant at the beginning alone
        word = word[:1] + word[1:].replace("ה", "a")
    if "Arabic" in scripts and word[:1] in _ALEFS:
        word = "a" + word[1:]
    latin = _NO_WORD.sub("", _in_ascii(word).casefold())
    return _LONG_O.sub("o", latin) if scripts & _KANA else latin


def _in_ascii(text: str) -> str:
    from anyascii import anyascii  # noqa: PLC0415 - its tables are for names that are in no Latin letters

    return anyascii(text)


def _syllables(name: str) -> str:
    """The family name first, of two characters if there is such a one; every other character by itself."""
    for length in (2, 1):
        if len(name) > length and (family := _FAMILY_NAMES.get(name[:length])):
            return f"{family} {_syllables_of(name[length:])}"
    return _syllables_of(name)


def _syllables_of(name: str) -> str:
    return " ".join(_SYLLABLE.findall(_in_ascii(name))).casefold()


# From the first to the last, on every word; each line says what is written in more than one way. The letters before it
# are looked for first, because most words hold none of them and looking costs a tenth of trying.
_FOLDS = tuple(
    (needles.split(), re.compile(pattern), form)
    for needles, pattern, form in (
        ("shch sch szcz shh", r"shch|schtsch|stsch|szcz|shh", "s"),  # щ
        ("dzh dsch dj", r"dzh|dsch|dj", "j"),  # джамал, Dzhamal, Djamal
        ("ch cz kh", r"tsch|tch|cz|kh|ch", "h"),  # ч, х: Michail, Mikhail, Mihail
        ("sh sz sch", r"sch|sh|sz", "s"),  # ш
        ("zh", r"zh", "z"),  # ж
        ("x", r"x", "ks"),  # Alexander, Aleksandr
        ("ph", r"ph", "f"),
        ("th", r"th", "t"),
        ("ck q", r"ck|q", "k"),
        ("ts tz c", r"ts|tz|c(?=[eiyv])", "z"),  # ц: Tsvetkov, Tzvetkov
        ("c", r"c", "k"),
        ("off ow", r"o(ff|w)$", "ov"),  # Ivanoff, Iwanow
        ("eff ew", r"e(ff|w)$", "ev"),
        ("w", r"w", "v"),
        ("gu", r"gu(?=[ei])", "g"),  # Serguei
        ("eu", r"^i?eu(?=[^aeiou])", "ev"),  # Eugeniy, Evgeniy
        ("ou oo", r"ou|oo", "u"),
        ("eo", r"eo(?=[nmlkg])", "u"),  # Korean: Cheol, Chul
        ("hui hee", r"(?<=h)(ui|ee)$", "i"),  # Korean: Yeonghui, Younghee
        ("y j", r"[yj]", "i"),
        ("ii", r"ii+", "i"),
        ("ie", r"^i(?=e)", ""),  # Yevgeny, Evgeny
        ("ie ee", r"(?<=[^aeiou])ie(?=.)|eie|ee", "e"),  # Alekseyev, Alekseev
        ("io", r"(?<=[^aeiou])io(?=[^aeiou])", "e"),  # Pyotr, Petr
    )
)
_MAY_BE_FOLDED = re.compile(r"[cjqwxy]|[kpstz]h|[st]z|ts|[eo]ff|[egho]u|[eio]o|i[ei]|ee")  # holds any of the above
_NO_LETTERS = re.compile(r"[^a-z]+")
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[aeiouyjvw]|(?<=.)h")


def romanisation_key(text: str) -> str:
    """The text's words in Latin letters with the differences between ways of writing foreign names folded.

    `Evgeniy`, `Yevgeny` and `Evgenii` have one key; so have `Mikhaylov` and `Michailow`. Words stay in their order.
    Characters that are no Latin letters are left out: of a name in another script give what `transliterated` gives.
    """
    if text.isascii() and text.isalpha():  # one plain word
        return _folded(text.casefold())
    return " ".join(word for one in _plain(text).split() if (word := _folded(one)))


def consonant_key(text: str) -> str:
    """`romanisation_key` without vowels, and without y, j, v and w, which are vowels to Arabic and Hebrew.

    For names of scripts that write no vowels. Many names have one key: two words that meet are the least to trust.
    A word of vowels alone is `-`.
    """
    return " ".join(map(consonants_of, romanisation_key(text).split()))


def consonants_of(word: str) -> str:
    """What `consonant_key` makes of one word of a `romanisation_key`."""
    return _VOWELS.sub("", word) or "-"


def undoubled(word: str) -> str:
    """The word with each letter that stands there twice or more in a row standing there once."""
    return _DOUBLED.sub(r"\1", word) if _DOUBLED.search(word) else word  # most have none, and a look is cheap


def _plain(text: str) -> str:
    return unaccented(text).casefold().replace("-", " ")


@lru_cache(maxsize=16_384)
def _folded(word: str) -> str:
    if not (word.isascii() and word.isalpha()):
        word = _NO_LETTERS.sub("", word)
    for needles, pattern, form in _FOLDS if _MAY_BE_FOLDED.search(word) else ():
        for needle in needles:
            if needle in word:
                word = pattern.sub(form, word)
                break
    return undoubled(word)
