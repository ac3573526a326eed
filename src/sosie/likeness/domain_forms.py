"""How a domain looks: forms of its name in which domains that are mistaken for each other are the same.

From what is written to what is seen, each form coarser than the one before:

- `plain`: every letter that is not ASCII becomes the ASCII letters it looks like (UTS 39, section 4), without its marks
  and hooks: `exаmplé` is `example`.
- `look`: what ASCII imitates by itself: `rn` is `m`, `vv` is `w`, `cl` is `d`, 0 is `o`, 1 is `l`. Without hyphens.
- `folded`: one letter for each family of similar letters, without hyphens; letter by letter, so that what is one edit
  of `plain` is at most one edit of `folded`.
- `coarse`: `look` in those families, in which fainter pairs of letters are one letter too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from unicodedata import combining, name, normalize

from sosie.likeness.domain_name import labels_of, registrable_domain, u_label
from sosie.likeness.skeleton import skeleton

# `ɓ` and `ʙ` neither decompose nor are they confusables, but their names say which letter people read.
_LETTER_NAME = re.compile(
    r"LATIN (?:(?:SMALL|CAPITAL) LETTER|LETTER SMALL CAPITAL) "
    r"(?:(?:DOTLESS|SCRIPT|TURNED|REVERSED|OPEN|LONG|BARRED|CLOSED|INVERTED|SIDEWAYS|BLACKLETTER) )*"
    r"([A-Z]{1,2})(?: WITH .*| ROTUNDA)?"
)
# Letters that the name gives in words.
_LETTERS = {"ß": "ss", "ð": "d", "þ": "p", "ŋ": "n", "ə": "e", "ɑ": "a", "ʃ": "f", "ʒ": "z", "ĸ": "k", "ſ": "f"}
_LOOK = str.maketrans("01", "ol", "-")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
# In letters of the families below: `nn` is `rn`, `m` and their likes, `cl` is `ci`, `el` and `d`.
_FAINT_PAIRS = (("nnn", "n"), ("nn", "n"), ("uu", "w"), ("cl", "b"), ("lb", "b"), ("bl", "b"), ("lh", "h"), ("lc", "k"))
_SIMILAR = ("o0", "l1ij", "z2", "ce3", "a4", "s5", "bd68", "t7", "gq9", "uvy", "nmr")
_FAMILIES = str.maketrans({letter: family[0] for family in _SIMILAR for letter in family} | {"-": None})
MAX_HOST_LABELS = 6  # what stands farther from the registrable domain deceives nobody


class DomainForms(NamedTuple):
    """A domain in all its forms. `registrable` and `suffix` (the public one) are A-labels; `registrable` may be empty.

    `label` is the second-level label as people read it, and the forms are those of this label; `host` is the `plain`
    form of the labels before it, the nearest six.
    """

    registrable: str
    suffix: str
    host: tuple[str, ...]
    label: str
    plain: str
    look: str
    folded: str
    coarse: str

    @classmethod
    def from_domain(cls, domain: str) -> DomainForms:
        """The forms of a domain in either notation. Never raises."""
        registrable = registrable_domain(domain)
        if not registrable:
            return cls("", "", (), "", "", "", "", "")
        if domain == registrable:
            return cls.from_registrable(registrable)
        labels = labels_of(domain)
        own = len(labels) - registrable.count(".") - 1
        if own == 0:
            return cls.from_registrable(registrable)
        host = labels[max(own - MAX_HOST_LABELS, 0) : own]
        return cls.from_registrable(registrable, tuple([plain_form(u_label(label)) for label in host]))

    @classmethod
    def from_registrable(cls, registrable: str, host: tuple[str, ...] = ()) -> DomainForms:
        """The forms of what `registrable_domain` has answered, with what `host` is to be."""
        first, _, suffix = registrable.partition(".")
        label = u_label(first)
        plain = plain_form(label)
        look = look_form(plain)
        return cls(registrable, suffix, host, label, plain, look, folded_form(plain), _coarse(look))


def plain_form(label: str) -> str:
    """The label with ASCII letters for the letters that look like them; what looks like none stays."""
    return label if label.isascii() else "".join(map(_plain_character, label))


def folded_form(plain: str) -> str:
    """One letter for each family of similar letters; hyphens are gone."""
    return plain.translate(_FAMILIES)


def coarse_form(plain: str) -> str:
    """The form in which pairs of letters that run together are one letter as well."""
    return _coarse(look_form(plain))


def joined_labels(forms: DomainForms) -> Iterator[tuple[str, str]]:
    """What the domain says without a dot, or without several: the label (`plain`) and the suffix that is left."""
    joined = forms.plain
    for label in reversed(forms.host):
        joined = label + joined
        yield joined, forms.suffix
    first, dot, suffix = forms.suffix.partition(".")
    if dot:
        yield forms.plain + first, suffix


def look_form(plain: str) -> str:
    """The form in which what ASCII imitates by itself is one letter; hyphens are gone."""
    text = plain.translate(_LOOK)
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text


def _coarse(look: str) -> str:
    text = look.translate(_FAMILIES)
    for pair, letter in _FAINT_PAIRS:
        text = text.replace(pair, letter)
    return text


def has_foreign_letters(label: str) -> bool:
    """Whether there is more in the label than ASCII letters and marks on them."""
    return not label.isascii() and not _without_marks(label).isascii()


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    for seen in (_without_marks(character), _without_marks(skeleton(character)), _named_letter(character)):
        if seen.isascii():
            return seen
    return _without_marks(character)


def _without_marks(text: str) -> str:
    return "".join(one for one in normalize("NFKD", text) if not combining(one)).lower()


def _named_letter(character: str) -> str:
    if character in _LETTERS:
        return _LETTERS[character]
    letter = _LETTER_NAME.fullmatch(name(character, ""))
    return letter[1].lower() if letter else character
