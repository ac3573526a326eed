"""Identities laid out as columns: see `keyed`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sosie.detection.identity import Identity
from sosie.detection.keyed import Column, listed

_TEXTS = ("entry_id", "name", "email")
_REGEX, _SYNCED = 1, 2
_IS_REGEX = tuple(bool(flags & _REGEX) for flags in range(4))
_IS_SYNCED = tuple(bool(flags & _SYNCED) for flags in range(4))


def identities_to_columns(identities: Iterable[Identity]) -> dict[str, Column]:
    """A column for each field: keys or numbers alone, because these are lists and no tables."""
    kept = list(identities)
    flags = (one.is_regex * _REGEX + one.synced * _SYNCED for one in kept)
    return {"flags": listed((), flags), **{text: listed(getattr(one, text) for one in kept) for text in _TEXTS}}


def identities_from_columns(columns: Mapping[str, Column]) -> list[Identity]:
    """The identities, in their order. Raises KeyError, ValueError and IndexError for what was not laid out so."""
    flags = columns["flags"].numbers
    fields: Iterable[tuple[Any, ...]] = zip(
        *(columns[text].keys for text in _TEXTS),
        map(_IS_REGEX.__getitem__, flags),
        map(_IS_SYNCED.__getitem__, flags),
        strict=True,
    )
    return list(map(Identity._make, fields))
