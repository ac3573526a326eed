"""Short and pet forms of given names: Bob is Robert, Sasha is Alexander. All are folded as `person_name` folds them."""

from __future__ import annotations

from functools import cache


def other_forms(word: str) -> tuple[str, ...]:
    """The folded words that may stand for the same given name as this folded word, in order; none for most words."""
    table = _table()
    forms = table.get(word, ())
    if isinstance(forms, str):
        forms = table[word] = tuple(forms.split(" "))
    return forms


@cache
def _table() -> dict[str, str | tuple[str, ...]]:
    """Each word with its other forms, as they stand in the table until somebody asks for them."""
    from sosie.likeness.tables.nicknames import ROWS  # noqa: PLC0415 - only those need it who compare names

    rows = (row.partition(" ") for row in ROWS.split(","))
    return {word: forms for word, _, forms in rows}
