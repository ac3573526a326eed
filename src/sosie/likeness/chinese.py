"""Chinese names in Latin letters: Pinyin and Wade-Giles, joined or in syllables, the family name first or last.

The syllables are those of Hanyu Pinyin (ISO 7098:2015, annex A) without tones; what Wade and Giles write for them
follows from initial and final. Marks are left out as people leave them out (Ch'en is Chen, Lü is Lu), so that several
syllables are one in Wade-Giles: a key of that kind is for small registries only.

Missed: given names in Cantonese and other readings, Tongyong Pinyin, names of more than four syllables.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from functools import lru_cache
from itertools import product

MAX_SYLLABLES = 4  # of a name
MIN_SURE = 3  # syllables of a name that is not thousands of people's

_FINALS_OF_G = "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo"
_FINALS_OF_J = "i ia ian iang iao ie in ing iong iu u uan ue un"
_FINALS = {
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo ue",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u uan un uo ue",
    "g": _FINALS_OF_G,
    "k": _FINALS_OF_G,
    "h": _FINALS_OF_G,
    "j": _FINALS_OF_J,
    "q": _FINALS_OF_J,
    "x": _FINALS_OF_J,
    "zh": f"{_FINALS_OF_G} i",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
    "": "a ai an ang ao e ei en eng er o ou",
}
_WADE_INITIALS = {
    "b": "p", "d": "t", "g": "k", "j": "ch", "q": "ch", "x": "hs", "zh": "ch", "r": "j", "z": "ts", "c": "ts",
}  # fmt: skip
_WADE_FINALS = {"ian": "ien", "ong": "ung", "ie": "ieh", "ue": "ueh", "iong": "iung", "er": "erh"}
_WADE_WHOLE = {
    "yan": "yen", "ye": "yeh", "yi": "i", "you": "yu", "e": "o", "ge": "ko", "ke": "ko", "he": "ho", "gui": "kuei",
    "kui": "kuei", "zi": "tzu", "ci": "tzu", "si": "szu",
    **{f"{one}i": f"{_WADE_INITIALS.get(one, one)}ih" for one in ("zh", "ch", "sh", "r")},
    **{f"{one}uo": f"{_WADE_INITIALS.get(one, one)}o" for one in ("d", "t", "n", "l", "z", "c", "s", "zh", "ch", "r")},
}  # fmt: skip
_WADE_SPELLINGS = (("ssu", "szu"), ("sze", "szu"), ("tze", "tzu"))

# Family names as they are customarily written in Hong Kong, Singapore, Malaysia and Taiwan, in Wade-Giles.
_FAMILIES_ELSEWHERE = {
    "lee": ("li",), "wong": ("wang", "huang"), "chan": ("chen",), "cheung": ("chang",), "lam": ("lin",), "ng": ("wu",),
    "chow": ("chou",), "tsang": ("tseng",), "yip": ("yeh",), "tan": ("chen",), "lim": ("lin",), "ong": ("wang",),
    "leung": ("liang",), "kwok": ("kuo",), "kwong": ("kuang",), "tse": ("hsieh",), "hui": ("hsu",),
    "poon": ("pan",), "fung": ("feng",), "tang": ("teng",), "mak": ("mai",), "so": ("su",), "soh": ("su",),
    "choi": ("tsai",), "chua": ("tsai",), "teo": ("chang",), "goh": ("wu",), "koh": ("hsu",), "yeo": ("yang",),
    "young": ("yang",), "shieh": ("hsieh",), "soong": ("sung",), "hwang": ("huang",),
    "loh": ("lo",), "law": ("lo",), "sia": ("hsieh",), "kwan": ("kuan",), "siu": ("hsiao",),
}  # fmt: skip

# Family names of two characters, in both forms where they differ.
_COMPOUND = frozenset(
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 夏侯 尉迟 尉遲 皇甫 公孙 公孫 慕容 令狐 司徒 长孙 長孫 宇文 东方 東方 端木 轩辕"
    " 軒轅 独孤 獨孤 南宫 南宮 万俟 司空 申屠 太史 闻人 聞人 钟离 鍾離 澹台 澹臺 赫连 赫連 呼延".split()
)


def _wade(initial: str, final: str) -> str:
    whole = _WADE_WHOLE.get(initial + final)
    return whole or _WADE_INITIALS.get(initial, initial) + _WADE_FINALS.get(final, final)


_TO_WADE = {initial + final: _wade(initial, final) for initial, finals in _FINALS.items() for final in finals.split()}
_WADE = frozenset(_TO_WADE.values())
_LONGEST = max(map(len, (*_TO_WADE, *_WADE)))  # letters of a syllable
_LAST = frozenset(one[-1] for one in (*_TO_WADE, *_WADE))
_UMLAUT = re.compile(r"(?<=[ln])v")
# What stands in no word of syllables of either system: an end, or two consonants, that none of them has.
_NOT_CHINESE = re.compile(
    r"[bdfjkmpqwxy](?![aeiou])|l(?![aeiouv])|c(?![aeiouh])|s(?![aeiouhsz])|t(?![aeiousz])|z(?![aeiouh])|[^a-z]"
)


def chinese_words(characters: str, syllables: list[str]) -> tuple[str, str] | None:
    """The family name and the given name, each joined, of a name in Han characters whose syllables these are; None for
    what is too short or too long for a name."""
    family = 2 if characters[:2] in _COMPOUND and len(characters) > 2 else 1
    if len(characters) != len(syllables) or not family < len(syllables) <= MAX_SYLLABLES:
        return None
    return "".join(syllables[:family]), "".join(syllables[family:])


def pinyin_keys(words: tuple[str, ...]) -> Iterator[str]:
    """The keys of a name in words of small Latin letters, as far as it may be one in Pinyin: see `pinyin_key`."""
    pairs, size = _pairs_in_pinyin(words)
    if size >= MIN_SURE:
        yield from (pinyin_key(*pair) for pair in pairs)


def pinyin_key(family: str, given: str) -> str:
    """One key for both orders of a family name and a given name in Pinyin."""
    return f"h {family} {given}" if family < given else f"h {given} {family}"


def wade_keys(words: tuple[str, ...]) -> Iterator[str]:
    """The same where each word may be in Pinyin or in Wade-Giles: every reading as it is in the latter."""
    if not 1 < len(words) <= MAX_SYLLABLES:
        yield from (key for pair in _pairs_in_pinyin(words)[0] for key in wade_keys(pair))
        return
    for one, other in _pairs(words):
        if (ones := _in_wade(one)) and (others := _in_wade(other)):
            yield from dict.fromkeys(" ".join(["w", *sorted(form)]) for form in product(ones, others))


def is_chinese_word(word: str) -> bool:
    """Whether a word of small letters may be one, or several syllables, of a name by itself: a quick look."""
    return word in _FAMILIES_ELSEWHERE or not _NOT_CHINESE.search(word)


def _count(word: str) -> int:
    """How many syllables of Pinyin, at least, a word is made of; 0 for one that is none."""
    return 0 if _NOT_CHINESE.search(word) else _count_of_chinese(word)


@lru_cache(maxsize=8192)
def _count_of_chinese(word: str) -> int:
    return _fewest(word, _TO_WADE)


def _fewest(word: str, known: Container[str]) -> int:
    """Of how many known syllables, at least, a word is made; 0 where it is of none, or of more than MAX_SYLLABLES."""
    if word[-1:] not in _LAST:
        return 0
    size, ends = len(word), {0}
    for count in range(1, MAX_SYLLABLES + 1):
        ends = {
            end
            for start in ends
            for end in range(start + 1, min(start + _LONGEST, size) + 1)
            if word[start:end] in known
        }
        if size in ends:
            return count
        if not ends:
            return 0
    return 0


def _syllables(word: str, count: int, known: Container[str]) -> tuple[str, ...]:
    """So many known syllables that make up the word, the first ones as long as can be; none where it cannot be done."""
    if count == 1:
        return (word,) if word in known else ()
    for end in range(min(_LONGEST, len(word) - count + 1), 0, -1):
        if word[:end] in known and (rest := _syllables(word[end:], count - 1, known)):
            return (word[:end], *rest)
    return ()


def _in_wade(word: str) -> tuple[str, ...]:
    """The word in Wade-Giles, if it is a word in Pinyin, and as it is, if it may be one in Wade-Giles."""
    return _FAMILIES_ELSEWHERE.get(word, ()) if _NOT_CHINESE.search(word) else _forms_in_wade(word)


@lru_cache(maxsize=8192)
def _forms_in_wade(word: str) -> tuple[str, ...]:
    word = _UMLAUT.sub("u", word)
    forms = list(_FAMILIES_ELSEWHERE.get(word, ()))
    if count := _count(word):
        forms.append("".join(_TO_WADE[one] for one in _syllables(word, count, _TO_WADE)))
    for one, other in _WADE_SPELLINGS:
        word = word.replace(one, other)
    if _fewest(word, _WADE):
        forms.append(word)
    return tuple(dict.fromkeys(forms))


def _pairs_in_pinyin(words: tuple[str, ...]) -> tuple[list[tuple[str, str]], int]:
    """The ways to divide words in Pinyin into two, and how many syllables they are."""
    if not 0 < len(words) <= MAX_SYLLABLES:
        return [], 0
    total = 0
    for word in words:
        size = _count(_UMLAUT.sub("u", word))
        total += size
        if not size or total > MAX_SYLLABLES:
            return [], 0
    words = tuple(_UMLAUT.sub("u", word) for word in words)
    if len(words) == 1:
        words = _syllables(words[0], total, _TO_WADE) if total > 1 else ()
    return list(_pairs(words)), total


def _pairs(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """A name of two words; of three, of which two belong together; of four, two and two."""
    if len(words) in (2, 3):
        yield words[0], "".join(words[1:])
    if len(words) in (3, 4):
        yield words[0] + words[1], "".join(words[2:])
