"""Tables from a key to one value or several: one stands for itself, several are a list, in the order of their coming.

Most keys have one value. A set for each of them would take four times the room, and as long again to make.

A table can be laid out as a `Column`: lists that are written and read in one piece, and from which the table is there
again a hundred times faster than its keys can be worked out.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

K = TypeVar("K", int, str)
V = TypeVar("V", int, str)


class Column(NamedTuple):
    """A table. The first `alone` keys have one value each, which are the first numbers; then come, for every further
    key, how many values it has, and these."""

    keys: list[str]
    alone: int
    numbers: array[int]  # of 32 bits


def put(table: dict[K, V | list[V]], key: K, value: V) -> None:
    """Let the key have the value too, behind its others; what it has last is not put there again."""
    there = table.get(key)
    if there is None:
        table[key] = value
    elif not isinstance(there, list):
        if there != value:
            table[key] = [there, value]
    elif there[-1] != value:
        there.append(value)


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
    for key in keys:
        there = table.get(key)
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
    numbers = array("I", map(number_of, single.values()))
    several: list[tuple[str, list[V]]] = [(key, value) for key, value in table.items() if isinstance(value, list)]
    for _, there in several:
        numbers.append(len(there))
        numbers.extend(map(number_of, there))
    return Column([*single, *(key for key, _ in several)], len(single), numbers)


def from_column(column: Column, key_of: Callable[[str], K], value_of: Callable[[int], V]) -> dict[K, V | list[V]]:
    """The table, with other keys or values for those in the column. Raises ValueError for one that is no column."""
    keys, alone, numbers = column
    meant = list(map(value_of, numbers[:alone]))
    table: dict[K, V | list[V]] = dict(zip(map(key_of, keys[:alone]), meant, strict=True))
    place = alone
    for key in map(key_of, islice(keys, alone, None)):
        end = place + 1 + numbers[place]
        table[key] = list(map(value_of, numbers[place + 1 : end]))
        place = end
    return table
