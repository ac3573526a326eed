"""Which characters of a text look like something else or like nothing, told to a person."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import decomposition, name, normalize

from sosie.likeness.display_order import BIDI_OVERRIDES
from sosie.likeness.scripts import HAN, LATIN, one_writing, script_of, scripts_of, words_that_mix
from sosie.likeness.skeleton import skeleton
from sosie.likeness.visible_text import invisible, visible, within_bounds

MAX_NAMED = 8  # one sentence has no room for more, and the first one tells already
_WRITTEN_ORDINALS = frozenset("ªº")  # Mª José, 2º: NFKC changes them, nobody is deceived
_EAST_ASIAN = frozenset({HAN, "Hiragana", "Katakana", "Hangul", "Bopomofo"})
# Latin letters of phonetic alphabets and of writings now gone; no language of many people writes names with those of
# them that look like a letter of ASCII. The last ones are iota, wynn and the dental click.
_PHONETIC = frozenset(
    map(chr, (*range(0x0250, 0x02B0), *range(0x1D00, 0x1DC0), *range(0xA720, 0xA800), *range(0xAB30, 0xAB70)))
) | frozenset("Ɩƿǀ")


def deceiving_characters(text: str) -> tuple[str, ...]:
    """At most eight of the text's characters, each as `U+0430 CYRILLIC SMALL LETTER A`, in the order of the kinds:
    those that show nothing or turn the text around; letters of another script within a word; styled letters.

    Empty for an honest text of any script.
    """
    if text.isascii() and text.isprintable():
        return ()
    found = dict.fromkeys((*(one for one in text if one in BIDI_OVERRIDES), *invisible(text)))
    shown = within_bounds(text)
    for word in words_that_mix(shown):
        found.update(dict.fromkeys(_strangers(word)))
    found.update(dict.fromkeys(_styled(shown)))
    return tuple(_named(character) for character in list(found)[:MAX_NAMED])


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {name(character, '')}".rstrip()


def _strangers(word: str) -> list[str]:
    """Letters that are not Latin in a word that has Latin ones; without Latin, those of the script that has fewer."""
    scripts = {one: script_of(normalize("NFKC", one)[:1]) for one in word}
    own = scripts_of(word)
    if LATIN in own or not own:
        home = LATIN
    else:
        home = max(sorted(own), key=lambda script: sum(scripts[one] == script for one in word))
    return [one for one in word if scripts[one] in own and not one_writing(frozenset({home, scripts[one]}))]


def _styled(text: str) -> list[str]:
    """Letters that show a letter of ASCII in another dress: two or more, or one among other letters."""
    east_asian = bool(scripts_of(text) & _EAST_ASIAN)
    found = [
        (place, one) for place, one in enumerate(text) if not one.isascii() and _is_styled(one, east_asian=east_asian)
    ]
    if len(found) > 1:
        return [one for _, one in found]
    return [one for place, one in found if text[place - 1 : place].isalpha() or text[place + 1 : place + 2].isalpha()]


@lru_cache(maxsize=4096)
def _is_styled(character: str, *, east_asian: bool) -> bool:
    if character in _WRITTEN_ORDINALS or (east_asian and "wide" in decomposition(character)):
        return False
    if character in _PHONETIC and script_of(character) == LATIN and _is_letter(skeleton(character)):
        return True
    # NFC turns K, the sign of the kelvin, into the letter: one character in two codes is no dress.
    return not normalize("NFC", character).isascii() and _is_letter(visible(character))


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isalpha()
