"""Keys under which a name of another script meets its spellings in Latin letters.

A key begins with its kind, because each home of names has customs of its own: `r` for words that are romanised letter
by letter, `c` for consonants, where vowels are not written, `h` for Han characters, `k` for Hangul. Those hold for any
registry. In a small one there are also `w`, Chinese names as Wade and Giles write them, `b` for Hebrew, `g` for Greek
and `i` for the scripts of India, under which more names meet than are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from functools import cache, lru_cache

from sosie.likeness.accents import unaccented
from sosie.likeness.chinese import MIN_SURE, chinese_words, is_chinese_word, pinyin_key, pinyin_keys, wade_keys
from sosie.likeness.korean import is_family, korean_key, korean_keys, korean_words
from sosie.likeness.scripts import LATIN, scripts_of
from sosie.likeness.transliteration import consonants_of, romanisation_key, transliterated, writes_no_vowels

MIN_CONSONANTS = 8  # characters of a key of consonants, its kind and spaces included
MIN_FOLDED = 7  # characters of a key that many names share, its kind and spaces included

ALL_KINDS = "rchkwbgi"
_LAST_OF_CHINESE = frozenset("aeiounrghvüAEIOUNRGHVÜ")
_HAN = "\u3400", "\u9fff"
_LETTERS = re.compile(r"[^\W\d_]+")
_HANGUL = "\uac00", "\ud7a3"
_SYLLABLES = range(2, 5)  # of a name
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´ʼ＇](?=\w)")
_JOINERS = re.compile(r"(?<=\w)['’‘`´ʼ＇\-‐](?=\w)")
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")
_ARABIC_ARTICLE = re.compile(r"(?<!\w)ال(?=\w{3})")
_ARTICLES = frozenset({"al", "el", "ul"})
_MAY_BE_ARTICLE = re.compile(r"\b[aeu]l", re.IGNORECASE)
_JOINED_ARTICLE = re.compile(r"[ae]l(?=[^\Waeiou]\w{3})")


def foreign_key(name: str) -> str:
    """The key of a name of a script other than Latin, for a registry of any size; empty for Latin ones, and where many
    people would have the same."""
    latin = "" if name.isascii() else transliterated(name)
    if not latin:
        return ""
    letters = "".join(_LETTERS.findall(name))
    if _is_name(letters, *_HANGUL):
        korean = korean_words(letters)
        return korean_key(*korean) if korean else ""
    if _is_name(letters, *_HAN):
        words = _chinese(letters)
        return pinyin_key(*words) if words and len(letters) >= MIN_SURE else ""
    if writes_no_vowels(name):
        key = _consonants(transliterated(_ARABIC_ARTICLE.sub("", name)))
        return key if len(key) >= MIN_CONSONANTS else ""
    return spelling_key(latin)


def latin_keys(name: str, kinds: Mapping[str, int]) -> tuple[str, ...]:
    """The keys of a name in Latin letters that `foreign_key` may give, of the kinds that are used; none for another
    script."""
    if not any(kinds.values()) or not is_latin(name):
        return ()
    return tuple(key for kind, keys in _OF_LATIN.items() if kinds.get(kind) for key in keys(name))


def near_foreign_keys(name: str) -> tuple[str, ...]:
    """All keys of a name of a script other than Latin, for a small registry."""
    if name.isascii() or not transliterated(name):
        return ()
    keys = [foreign_key(name)]
    letters = "".join(_LETTERS.findall(name))
    if _is_name(letters, *_HAN) and (words := _chinese(letters)):
        keys += wade_keys(words)
    elif scripts_of(name) == {"Greek"}:
        keys.append(_greek_form(unaccented(name).casefold()))
    elif scripts_of(name) == {"Hebrew"}:
        keys.append(_hebrew_form(_consonants(transliterated(name))))
    elif _UKRAINIAN.search(name):  # г as in Russian
        keys.append(spelling_key(transliterated(name.casefold().replace("г", "ґ"))))
    elif indic_form := _indic_form(name):
        keys.append(indic_form)
    return _long_enough(keys)


def near_latin_keys(name: str, kinds: Container[str] = ALL_KINDS) -> tuple[str, ...]:
    """The keys of a name in Latin letters that `near_foreign_keys` may give, of these kinds."""
    if not is_latin(name):
        return ()
    if kinds is ALL_KINDS and (words := _words_without_marks(name)):
        return _all_near_keys(name, words)
    return _long_enough(key for kind, keys in _OF_LATIN_NEAR.items() if kind in kinds for key in keys(name))


def _all_near_keys(name: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The same of all kinds, of a name whose words are these, of letters alone: each of them is looked at once."""
    spelt, without_vowels, greek, indic, chinese = zip(*map(_forms_of, words), strict=True)
    consonants = _consonants_of_latin(name)[0] if _MAY_BE_ARTICLE.search(name) else _key_of("c", without_vowels)
    # What is no word of Chinese may be one when it is joined with another.
    may_be_chinese = all(chinese) or len(words) > 2 or "-" in name
    keys = [_key_of("r", spelt), consonants]
    if may_be_chinese:
        keys += _pinyin(name)
    if is_family(words[0]) or is_family(words[-1]):
        keys += _korean(name)
    if may_be_chinese:
        keys += _wade(name)
    shared = _hebrew_form(consonants), _key_of("g", greek), _key_of("i", indic)
    keys += [key for key in shared if len(key) >= MIN_FOLDED]
    return tuple(dict.fromkeys(keys))


@lru_cache(maxsize=8192)  # words of names come again and again
def _forms_of(word: str) -> tuple[str, str, str, str, bool]:
    """A word of small letters of ASCII as it is in the keys of spellings, of consonants, of Greek and of Indian names;
    and whether it may be Chinese by itself."""
    greek_key, indic_key = _greek_and_indic()
    spelt = romanisation_key(word)
    return spelt, consonants_of(spelt), greek_key(word), indic_key(word), is_chinese_word(word)


@cache
def _greek_and_indic() -> tuple[Callable[[str], str], Callable[[str], str]]:
    from sosie.likeness import greek, indic  # noqa: PLC0415 - see below

    return greek.greek_key, indic.indic_key


def latin_spellings(name: str) -> tuple[str, ...]:
    """The keys under which two spellings in Latin letters of one East Asian name meet: of names of three syllables."""
    words = _words_of_letters(name)
    if words:
        korean = tuple(korean_keys(words)) if is_family(words[0]) or is_family(words[-1]) else ()
        wade = tuple(wade_keys(words)) if _may_be_chinese(name) else ()
    elif is_latin(name):
        korean, wade = _korean(name), _wade(name)
    else:
        return ()
    return (*korean, *filter(_is_sure, wade))


def east_asian_among(near_latin: Iterable[str]) -> tuple[str, ...]:
    """The `latin_spellings` of a name, taken out of all its `near_latin_keys`."""
    return tuple([key for key in near_latin if key[0] in "kw" and (key[0] == "k" or _is_sure(key))])


@lru_cache(maxsize=1024)  # asked for twice in a row
def spelling_key(name: str) -> str:
    """The key of a name in Latin letters under which the ways of romanising it meet."""
    words = _words_of_letters(name) or _WORD.findall(_APOSTROPHES.sub("", name))
    return _key_of("r", map(romanisation_key, words))


def is_latin(name: str) -> bool:
    """Whether a name is in Latin letters."""
    return name.isascii() or LATIN in scripts_of(name)


def _is_name(letters: str, first: str, last: str) -> bool:
    """Whether the letters, each of which is a syllable, are as many as a name has, and all within these."""
    return len(letters) in _SYLLABLES and first <= min(letters) and max(letters) <= last


def _is_sure(key: str) -> bool:
    """Whether a name in Wade-Giles has vowels of three syllables at least."""
    return len(re.findall(r"[aeiou]+", key)) >= MIN_SURE


def _long_enough(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in keys if len(key) >= (MIN_FOLDED if key[:1] in "bgi" else 1)))


def _chinese(characters: str) -> tuple[str, str] | None:
    return chinese_words(characters, transliterated(characters).split())


def _spelling_keys(name: str) -> tuple[str, ...]:
    return (spelling_key(name),)


@lru_cache(maxsize=1024)  # asked for twice in a row
def _consonants_of_latin(name: str) -> tuple[str, ...]:
    if _MAY_BE_ARTICLE.search(name):
        words = [word for word in _WORD.findall(_APOSTROPHES.sub("", name)) if word.casefold() not in _ARTICLES]
        name = " ".join(_JOINED_ARTICLE.sub("", word.casefold()) for word in words)
    return (_consonants(name),)


def _consonants(latin: str) -> str:
    return "c " + " ".join(sorted(map(consonants_of, spelling_key(latin)[2:].split())))


def _pinyin(name: str) -> tuple[str, ...]:
    return tuple(pinyin_keys(_plain_words(name, _JOINERS))) if _may_be_chinese(name) else ()


def _wade(name: str) -> tuple[str, ...]:
    return tuple(wade_keys(_plain_words(name, _JOINERS))) if _may_be_chinese(name) else ()


def _may_be_chinese(name: str) -> bool:
    """Whether the last letter may end a Chinese word; most other names end otherwise, and need no closer look."""
    return name[-1:] in _LAST_OF_CHINESE


def _korean(name: str) -> tuple[str, ...]:
    if " " not in name:
        return ()
    first, last = name.partition(" ")[0], name.rpartition(" ")[2]
    if not (is_family(first.strip(",").casefold()) or is_family(last.casefold())):
        return ()
    return tuple(korean_keys(_plain_words(name, _JOINERS)))


def _hebrew(name: str) -> tuple[str, ...]:
    return tuple(map(_hebrew_form, _consonants_of_latin(name)))


def _hebrew_form(consonants: str) -> str:
    """Consonants with bet as v, which is a vowel there, and pe as f: Avraham, Yosef."""
    return f"b {consonants[2:].replace('b', '').replace('p', 'f')}"


# Greek and Indian names are read by modules that are loaded when an index is made, and for such names.


def _greek(name: str) -> tuple[str, ...]:
    from sosie.likeness import greek  # noqa: PLC0415 - see above

    return (_key_of("g", map(greek.greek_key, _plain_words(name, _APOSTROPHES))),)


def _greek_form(name: str) -> str:
    from sosie.likeness import greek  # noqa: PLC0415 - see above

    return _key_of("g", (greek.greek_key(greek.in_latin(word)) for word in name.split()))


def _indic(name: str) -> tuple[str, ...]:
    from sosie.likeness import indic  # noqa: PLC0415 - see above

    return (_key_of("i", map(indic.indic_key, _plain_words(name, _APOSTROPHES))),)


def _indic_form(name: str) -> str:
    from sosie.likeness import indic  # noqa: PLC0415 - see above

    if not indic.is_indic(name):
        return ""
    return _key_of("i", (indic.indic_key(indic.in_latin(word)) for word in name.split()))


def _words_of_letters(name: str) -> tuple[str, ...]:
    """The words of a name of nothing but letters of ASCII and single spaces, as most names are; none of another."""
    words = name.lower().split(" ") if name.isascii() else ()
    return tuple(words) if all(map(str.isalpha, words)) else ()


@lru_cache(maxsize=1024)
def _plain_words(name: str, inner: re.Pattern[str]) -> tuple[str, ...]:
    """The words of a name in Latin letters in small ones without marks; what stands within them left out."""
    return tuple(_WORD.findall(inner.sub("", unaccented(name).casefold())))


def _words_without_marks(name: str) -> tuple[str, ...]:
    """The words of a name in small letters of ASCII, where they are nothing else: `o'neil-roe, j.` is `oneil`, `roe`
    and `j`. None of a name with figures, or with marks and anything but single spaces between its words."""
    if not name.isascii():
        return _words_of_letters(unaccented(name)) if all(map(str.isalpha, name.split(" "))) else ()
    if words := _words_of_letters(name):
        return words
    found = _plain_words(name, _APOSTROPHES)
    return found if all(map(str.isalpha, found)) else ()


def _key_of(kind: str, forms: Iterable[str]) -> str:
    return f"{kind} {' '.join(sorted(forms))}"


_OF_LATIN: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "r": _spelling_keys,
    "c": _consonants_of_latin,
    "h": _pinyin,
    "k": _korean,
}
_OF_LATIN_NEAR = {**_OF_LATIN, "w": _wade, "b": _hebrew, "g": _greek, "i": _indic}
