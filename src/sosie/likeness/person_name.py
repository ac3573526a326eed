"""Names of people: the form in which two spellings of one name are the same."""

from __future__ import annotations

from unicodedata import normalize


def normal_form(name: str) -> str:
    """The name decomposed and recomposed (NFKC, UAX 15), case-folded, its white space squeezed to single spaces.

    Empty for a name of white space alone.
    """
    return " ".join(normalize("NFKC", normalize("NFKC", name).casefold()).split())
