"""Tables from a key to one value or several: one stands for itself, several are a list, in the order of their coming.

Most keys have one value. A set for each of them would take four times the room, and as long again to make.

A table can be laid out as a `Column`: lists that are written and read in one piece, and from which the table is there
again a hundred times faster than its keys can be worked out.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, TypeVar

K = TypeVar("K", int, str)
V = TypeVar("V", int, str)


class Column(NamedTuple):
    """A table: its keys, those with one value first; how many values each of the others has; and all values in their
    order, as numbers. Sizes and numbers are of 32 bits."""

    keys: list[str]
    sizes: array[int]
    numbers: array[int]


def put(table: dict[K, V | list[V]], keys: Iterable[K], value: V) -> None:
    """Let each of the keys have the value too, behind its others; what it has last is not put there again."""
    for key in keys:
        there = table.setdefault(key, value)
        if there is value:  # nothing was there, as for most keys, or the same
            continue
        if not isinstance(there, list):
            if there != value:
                table[key] = [there, value]
        elif there[-1] != value:
            there.append(value)


def put_first(table: dict[K, V | list[V]], keys: Iterable[K], value: V) -> None:
    """The same, before their others."""
    for key in keys:
        there = table.get(key)
        if there is None:
            table[key] = value
        elif isinstance(there, list):
            there.insert(0, value)
        else:
            table[key] = [value, there]


def take(table: dict[K, V | list[V]], key: K, value: V) -> None:
    """Let the key have the value no longer. Does nothing where it has not."""
    there = table.get(key)
    if there == value:
        del table[key]
    elif isinstance(there, list) and value in there:
        there.remove(value)
        if len(there) == 1:
            table[key] = there[0]


def values(table: Mapping[K, V | list[V]], key: K) -> Sequence[V]:
    """All values of the key."""
    there = table.get(key)
    if there is None:
        return ()
    return there if isinstance(there, list) else (there,)


def values_of(table: Mapping[K, V | list[V]], keys: Iterable[K]) -> set[V]:
    """All values of all these keys."""
    found: set[V] = set()
    for there in map(table.get, keys):
        if there is None:
            continue
        if isinstance(there, list):
            found.update(there)
        else:
            found.add(there)
    return found


def to_column(table: Mapping[str, V | list[V]], number_of: Callable[[V], int]) -> Column:
    """The table laid out, each value as a number."""
    single: dict[str, V] = {key: value for key, value in table.items() if not isinstance(value, list)}
    several: dict[str, list[V]] = {key: value for key, value in table.items() if isinstance(value, list)}
    flat = chain(single.values(), chain.from_iterable(several.values()))
    return Column([*single, *several], array("I", map(len, several.values())), array("I", map(number_of, flat)))


def listed(texts: Iterable[str], numbers: Iterable[int] = ()) -> Column:
    """Texts, or numbers, that are a list and no table."""
    return Column([*texts], array("I"), array("I", numbers))


def to_numbers(column: Column) -> dict[str, int | list[int]]:
    """The table of numbers that was laid out. Raises ValueError for what is no column."""
    return _joined(column.keys, column.sizes, column.numbers.tolist())


def to_hashed_numbers(column: Column) -> dict[int, int | list[int]]:
    """The same by the hashes that keys have in this process."""
    return _joined(list(map(hash, column.keys)), column.sizes, column.numbers.tolist())


def to_texts(column: Column, texts: Sequence[str]) -> dict[str, str | list[str]]:
    """The table of texts that was laid out, of which each number is one. Raises ValueError, IndexError."""
    return _joined(column.keys, column.sizes, list(map(texts.__getitem__, column.numbers)))


def to_counts(column: Column) -> dict[str, int]:
    """A table of one number for each key. Raises ValueError for another column."""
    return dict(zip(column.keys, column.numbers, strict=True))


def _joined(keys: list[K], sizes: Sequence[int], flat: list[V]) -> dict[K, V | list[V]]:
    alone = len(keys) - len(sizes)
    if alone < 0 or alone + sum(sizes) != len(flat):
        raise ValueError("a table whose values are not as many as its keys want")
    table: dict[K, V | list[V]] = dict(zip(keys[:alone], flat, strict=False))
    place = alone
    for key, size in zip(keys[alone:], sizes, strict=True):
        table[key] = flat[place : place + size]
        place += size
    return table
