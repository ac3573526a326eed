"""How one domain passes itself off as another, and how sure one can be of it.

`likeness(claimed, protected)` asks every way there is and answers with the surest. A way that is a coincidence often
enough, as with short labels, other suffixes or a word around the name, gets a low confidence: it says something only
together with other evidence, such as the same local part or the person's name. From `STRONG` on it speaks for itself.

Misses what no form of the name shows: another name of the same house, a synonym, a translation, two letters replaced by
unlike ones.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from unicodedata import name

from sosie.likeness.domain_forms import (
    DomainForms,
    coarse_form,
    folded_form,
    has_foreign_letters,
    joined_labels,
    look_form,
)
from sosie.likeness.domain_name import is_freemail
from sosie.likeness.domain_parts import MIN_LETTERS, MIN_LETTERS_APART, is_affix, parts_of
from sosie.likeness.domain_words import COMMON
from sosie.likeness.edit_distance import edit_distance

STRONG = 0.7  # from here on a likeness is evidence by itself
WEAK = 0.2  # from here on with the same local part; below only with the person's name as well
MIN_EDITED_ACROSS = 6  # letters of a label that is looked for with other letters and another suffix
MIN_EDITED_TWICE = 8  # and of one with two edits, one of which puts a similar letter
_FREEMAIL = 0.3  # nobody in particular is claimed by a likeness to a domain of millions
_BOTH_FREEMAIL = 0.1  # each is what it is: mail.com has honest users too


class DomainLikenessKind(StrEnum):
    """The way in which one domain resembles another."""

    CONFUSABLE = "confusable"  # it looks the same
    EDIT = "edit"  # one slip of the finger
    HYPHEN = "hyphen"  # a hyphen more, less or elsewhere
    DOT = "dot"  # a dot within the name
    SUBDOMAIN = "subdomain"  # the name stands before a stranger's domain
    COUSIN = "cousin"  # the name with words around it
    SUFFIX = "suffix"  # the same name below another public suffix


class DomainLikeness(NamedTuple):
    """That `claimed` resembles `protected` (registrable domains, A-labels); `explanation` says by what, for people.

    `confidence`, 0 to 1: how much it says by itself that one is meant to be taken for the other.
    """

    claimed: str
    protected: str
    kind: DomainLikenessKind
    explanation: str
    confidence: float

    @property
    def strong(self) -> bool:
        """Whether it is evidence by itself."""
        return self.confidence >= STRONG


class _Seen(NamedTuple):
    kind: DomainLikenessKind
    confidence: float
    explanation: str


def likeness(claimed: str, protected: str) -> DomainLikeness | None:
    """How `claimed` resembles `protected`; None if it does not, or if both are below one registrable domain."""
    return likeness_of_forms(DomainForms.from_domain(claimed), DomainForms.from_domain(protected))


def likeness_of_forms(one: DomainForms, other: DomainForms) -> DomainLikeness | None:
    """`likeness` of domains whose forms are known: the first as the claimed one."""
    if not one.registrable or not other.registrable or one.registrable == other.registrable:
        return None
    best: _Seen | None = None
    for way in _WAYS:
        seen = way(one, other)
        if seen is not None and (best is None or seen.confidence > best.confidence):
            best = seen
    if best is None:
        return None
    confidence = min(best.confidence, _ceiling(one, other))
    return DomainLikeness(one.registrable, other.registrable, best.kind, best.explanation, round(confidence, 3))


def _ceiling(one: DomainForms, other: DomainForms) -> float:
    """How much a likeness to this protected domain can say at most."""
    if not is_freemail(other.registrable):
        return 1.0
    return _BOTH_FREEMAIL if not one.host and is_freemail(one.registrable) else _FREEMAIL


# Confidence by the length of the protected label in the form `folded`, from 0 letters on. Short labels have many honest
# neighbours: nearly every combination of up to four letters is somebody's, and of five every other word.
_LOOKS_THE_SAME = (0.0, 0.1, 0.25, 0.4, 0.6, 0.8, 0.9, 0.95)
_LOOKS_SIMILAR = (0.0, 0.0, 0.0, 0.2, 0.3, 0.45, 0.6, 0.7, 0.8, 0.85)
_ONE_EDIT = (0.0, 0.0, 0.0, 0.2, 0.3, 0.45, 0.6, 0.7, 0.8, 0.85, 0.9)
_TWO_EDITS = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.4, 0.5, 0.7)
_SAME_LETTERS = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9)  # but for hyphens or dots
_OTHER_SUFFIX = (0.0, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.4, 0.5, 0.5, 0.6)
_KNOWN_WORDS = (0.0, 0.0, 0.0, 0.25, 0.35, 0.5, 0.6, 0.6, 0.7)
_SET_APART = (0.0, 0.0, 0.0, 0.15, 0.2, 0.3, 0.4, 0.4, 0.5)
_AMONG_LETTERS = (0.0, 0.0, 0.0, 0.0, 0.0, 0.15, 0.2, 0.25, 0.35)
_BEFORE_A_STRANGER = (0.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.35, 0.4, 0.5)

_FOREIGN_LETTERS = 0.95  # nobody writes an English name in letters of other scripts by mistake
_FOREIGN_ACROSS_SUFFIXES = 0.8
_OTHER_ACCENTS = 0.9  # two honest words of one language may differ in no more; but two houses seldom
_FOREIGN_EDIT = 0.2  # what they add to an edit
_WHOLE_DOMAIN = 0.95  # nobody but its owner has a reason to write the whole of it, suffix included
_ACROSS_SUFFIXES = 0.6  # what is left of a confidence where the suffix is another one as well
_SUFFIX_WITHIN = 0.85  # example-com: the whole domain again, as far as a label can say it
_SHORT_SUFFIX_WITHIN = 0.4
_WITHIN_A_HOST = 0.6  # what is left of a cousin that is only a subdomain of a stranger's
_MAX_NAMED = 8
_SIMILAR_WITHIN = 0.5  # what is left of a cousin that is spelt with similar letters
_A_WORD = 0.6  # what is left where the claimed label is a word of its own


def _by_length(table: tuple[float, ...], letters: str) -> float:
    return table[min(len(letters), len(table) - 1)]


def _weighed(confidence: float, one: DomainForms, other: DomainForms) -> float:
    if one.suffix != other.suffix:
        confidence *= _ACROSS_SUFFIXES
    return confidence * _A_WORD if one.label in COMMON else confidence


def _confusable(one: DomainForms, other: DomainForms) -> _Seen | None:
    if one.coarse != other.coarse or one.label == other.label:
        return None
    if one.look == other.look and has_foreign_letters(one.label):
        confidence = _FOREIGN_LETTERS if one.suffix == other.suffix else _FOREIGN_ACROSS_SUFFIXES
        return _Seen(DomainLikenessKind.CONFUSABLE, confidence, _difference(one.label, other.label))
    if one.look == other.look and not (one.label.isascii() and other.label.isascii()):
        confidence = _OTHER_ACCENTS
    elif one.look != other.look:
        if one.suffix != other.suffix and len(other.plain) < MIN_EDITED_ACROSS:
            return None
        confidence = _by_length(_LOOKS_SIMILAR, other.folded)
    elif one.plain.replace("-", "") == other.plain.replace("-", ""):
        return None  # hyphens alone
    else:
        confidence = _by_length(_LOOKS_THE_SAME, other.folded)
    return _if_any(DomainLikenessKind.CONFUSABLE, _weighed(confidence, one, other), _difference(one.label, other.label))


def _edit(one: DomainForms, other: DomainForms) -> _Seen | None:
    size = len(other.plain)
    if size < MIN_EDITED_ACROSS and one.suffix != other.suffix:
        return None
    limit = 1 if size < MIN_EDITED_TWICE else 2
    edits = edit_distance(one.plain, other.plain, limit)
    if edits not in (1, limit) or (edits == 2 and edit_distance(one.folded, other.folded, 1) > 1):
        return None
    confidence = _by_length(_ONE_EDIT if edits == 1 else _TWO_EDITS, other.folded)
    if not one.label.isascii() and confidence:
        confidence = min(confidence + _FOREIGN_EDIT, _FOREIGN_LETTERS)
    return _if_any(DomainLikenessKind.EDIT, _weighed(confidence, one, other), _difference(one.label, other.label))


def _hyphen(one: DomainForms, other: DomainForms) -> _Seen | None:
    if one.plain == other.plain or one.plain.replace("-", "") != other.plain.replace("-", ""):
        return None
    confidence = _weighed(_by_length(_SAME_LETTERS, other.folded), one, other)
    return _if_any(DomainLikenessKind.HYPHEN, confidence, f"{one.label} is {other.label} but for hyphens")


def _dot(one: DomainForms, other: DomainForms) -> _Seen | None:
    for joined, suffix in joined_labels(one):
        if folded_form(joined) == other.folded:
            confidence = _by_length(_SAME_LETTERS, other.folded) * (1 if suffix == other.suffix else _ACROSS_SUFFIXES)
            return _if_any(DomainLikenessKind.DOT, confidence, f"a dot divides {other.label}")
    return None


def _subdomain(one: DomainForms, other: DomainForms) -> _Seen | None:
    host = one.host
    if not host or other.plain in COMMON:
        return None
    explanation = f"{other.label} stands before the domain {one.registrable}"
    seen = ".".join(map(look_form, host))
    if f".{look_form(other.plain)}.{other.suffix}." in f".{seen}.":
        confidence = _WHOLE_DOMAIN
        explanation = f"{other.label}.{other.suffix} stands before the domain {one.registrable}"
    elif other.coarse in map(coarse_form, host):
        confidence = _by_length(_BEFORE_A_STRANGER, other.folded)
    else:
        within = max((_within(label, other).confidence for label in host), default=0.0)
        confidence = within if within >= _SUFFIX_WITHIN else within * _WITHIN_A_HOST
    return _if_any(DomainLikenessKind.SUBDOMAIN, confidence, explanation)


def _cousin(one: DomainForms, other: DomainForms) -> _Seen | None:
    if other.plain in COMMON:
        return None
    found = _within(one.plain, other)
    rest = " and ".join(filter(None, (found.before, found.after)))
    return _if_any(DomainLikenessKind.COUSIN, found.confidence, f"{other.label} with {rest} around it")


def _suffix(one: DomainForms, other: DomainForms) -> _Seen | None:
    if one.label != other.label or one.suffix == other.suffix:
        return None
    confidence = _by_length(_OTHER_SUFFIX, other.folded) * (_A_WORD if other.plain in COMMON else 1)
    return _if_any(DomainLikenessKind.SUFFIX, confidence, f".{one.suffix} in place of .{other.suffix}")


class _Within(NamedTuple):
    confidence: float
    before: str = ""
    after: str = ""


def _within(plain: str, other: DomainForms) -> _Within:
    """How sure it is that a label was built around the protected one."""
    if len(other.folded) < MIN_LETTERS_APART or len(plain) <= len(other.folded):
        return _Within(0.0)
    bare = plain.replace("-", "")
    folded = folded_form(bare)
    if other.folded not in folded:
        return _Within(0.0)
    found = _Within(0.0)
    for start, end, apart in parts_of(plain):
        if folded[start:end] == other.folded:
            before, after = bare[:start], bare[end:]
            confidence = _confidence_within(other, before, after, apart=apart)
            if look_form(bare[start:end]) != other.look:
                confidence *= _SIMILAR_WITHIN
            found = max(found, _Within(confidence, before, after))
    return found


def _confidence_within(other: DomainForms, before: str, after: str, *, apart: bool) -> float:
    folded = other.folded
    if not before and after == other.suffix.replace(".", ""):
        return _SUFFIX_WITHIN if len(folded) >= MIN_LETTERS else _SHORT_SUFFIX_WITHIN
    if apart and is_affix(before) and is_affix(after):
        return _by_length(_KNOWN_WORDS, folded)
    return _by_length(_SET_APART if apart else _AMONG_LETTERS, folded)


def _if_any(kind: DomainLikenessKind, confidence: float, explanation: str) -> _Seen | None:
    return _Seen(kind, confidence, explanation) if confidence > 0 else None


def _difference(claimed: str, protected: str) -> str:
    """What stands in place of what, in words; what both labels begin and end with is left out."""
    start = 0
    while start < min(len(claimed), len(protected)) and claimed[start] == protected[start]:
        start += 1
    end = 0
    while end < min(len(claimed), len(protected)) - start and claimed[-1 - end] == protected[-1 - end]:
        end += 1
    ours, theirs = claimed[start : len(claimed) - end], protected[start : len(protected) - end]
    if not ours:
        return f"{theirs} is left out"
    if not theirs:
        return f"{_named(ours)} is put in"
    return f"{_named(ours)} in place of {theirs}"


def _named(letters: str) -> str:
    """The letters, those beyond ASCII with number and name; eight at most."""
    if letters.isascii():
        return letters
    return ", ".join(
        one if one.isascii() else f"U+{ord(one):04X} {name(one, 'without a name')}" for one in letters[:_MAX_NAMED]
    )


_WAYS = (_confusable, _edit, _hyphen, _dot, _subdomain, _cousin, _suffix)
