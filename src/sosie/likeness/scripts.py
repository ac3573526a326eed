"""Scripts of characters (UAX 24), and words that mix them as no writing does (UTS 39, section 5)."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from unicodedata import is_normalized, normalize

from sosie.likeness.tables.scripts import INDICES, NAMES, STARTS

COMMON, INHERITED, UNKNOWN, LATIN, HAN = "Common", "Inherited", "Unknown", "Latin", "Han"

MAX_LETTERS = 1_000  # of the text in which mixed words are looked for: a line of a message (RFC 5322, 2.1.1)
# Scripts that one writing uses together, Latin always among them: UTS 39, section 5.2, "highly restrictive".
WRITINGS = (
    frozenset({LATIN, HAN, "Hiragana", "Katakana"}),
    frozenset({LATIN, HAN, "Bopomofo"}),
    frozenset({LATIN, HAN, "Hangul"}),
)
_NO_SCRIPT = frozenset({COMMON, INHERITED, UNKNOWN})
# What holds a word together beside its letters and digits: apostrophes, and marks, which \w does not have.
_WORD = re.compile(r"(?:\w|['’ʼ\u0300-\u036f\u200b-\u200d\u2060\ufe00-\ufe0f\u00ad])+")
_MICRO_SIGN = "µ"  # NFKC makes it a Greek letter; in `µTorrent` it is none


@lru_cache(maxsize=4096)  # the characters of a region's names
def script_of(character: str) -> str:
    """The Script property of one character by its long name: `Latin`, `Common`, `Inherited`, `Unknown`...

    Script_Extensions are not looked at: they tell more only about characters that several scripts share, and those
    count for no script here.
    """
    return NAMES[ord(INDICES[bisect_right(STARTS, character) - 1])]


def scripts_of(text: str) -> frozenset[str]:
    """The scripts of the text's characters, without Common, Inherited and Unknown."""
    if text.isascii():
        return frozenset({LATIN}) if any(map(str.isalpha, text)) else frozenset()
    return frozenset(map(script_of, set(text))) - _NO_SCRIPT


def mixes_scripts(word: str) -> bool:
    """Whether a run of letters in `word` has scripts that no one writing uses together, as Latin with Cyrillic.

    Two words beside each other, or joined by a hyphen, a slash or brackets, are two runs: `Иван(Ivan)` mixes
    nothing. A styled letter counts as the letter it shows (𝐉 is Latin, though its own script is Common).
    """
    return bool(words_that_mix(word))


def words_that_mix(text: str) -> tuple[str, ...]:
    """The runs of letters, each once and in order, that `mixes_scripts` is about."""
    text = text[:MAX_LETTERS]
    if text.isascii() or (len(scripts_of(text)) < 2 and is_normalized("NFKC", text)):
        return ()
    runs = dict.fromkeys(run for run in _WORD.findall(text) if not run.isascii())
    return tuple(run for run in runs if _mixed(scripts_of(_plain(run))))


def one_writing(scripts: frozenset[str]) -> bool:
    """Whether some one writing uses all these scripts together."""
    return not _mixed(scripts)


def _mixed(scripts: frozenset[str]) -> bool:
    return len(scripts) > 1 and not any(scripts <= writing for writing in WRITINGS)


def _plain(run: str) -> str:
    """Each character that NFKC makes another single one as that one: ™, which becomes two, says nothing of a script."""
    forms = ((character, normalize("NFKC", character)) for character in run if character != _MICRO_SIGN)
    return "".join(form if len(form) == 1 else character for character, form in forms)
