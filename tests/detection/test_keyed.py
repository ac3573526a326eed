"""Tables from a key to one value or several, and their columns."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.detection.keyed import (
    Column,
    put,
    put_first,
    take,
    to_column,
    to_counts,
    to_hashed_numbers,
    to_numbers,
    to_texts,
    values,
    values_of,
)

PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)))


def filled(pairs):
    """A table, and the same as plain lists."""
    table, plain = {}, {}
    for key, value in pairs:
        put(table, [key], value)
        if plain.get(key, [])[-1:] != [value]:
            plain.setdefault(key, []).append(value)
    return table, plain


@given(PAIRS)
def test_values_are_there_in_the_order_in_which_they_came(pairs):
    """One or several, and what came twice in a row once."""
    table, plain = filled(pairs)
    for key in "abc":
        assert list(values(table, key)) == plain.get(key, [])
    assert values_of(table, "ab") == {*plain.get("a", []), *plain.get("b", [])}


@given(PAIRS, PAIRS)
def test_what_is_taken_is_gone(pairs, taken):
    """Once for each time, and a key without values is none; what is not there may be taken too."""
    table, plain = filled(pairs)
    for key, value in taken:
        take(table, key, value)
        if value in plain.get(key, []):
            plain[key].remove(value)
    assert {key: list(values(table, key)) for key in table} == {key: left for key, left in plain.items() if left}


def test_many_keys_are_put_as_one_by_one():
    """Those that are new, those that have a value, and one that comes twice."""
    together, alone = {"a": 1, "b": [1, 2], "c": 3}, {"a": 1, "b": [1, 2], "c": 3}
    put(together, "abcdd", 3)
    for key in "abcdd":
        put(alone, key, 3)
    assert together == alone == {"a": [1, 3], "b": [1, 2, 3], "c": 3, "d": 3}


def test_one_value_takes_no_list():
    """Neither at first nor when others have gone."""
    table = {}
    put(table, ["a"], 1)
    assert table == {"a": 1}
    put_first(table, ["a"], 2)
    assert values(table, "a") == [2, 1]
    take(table, "a", 1)
    assert table == {"a": 2}
    put_first(table, ["b"], 7)
    assert table == {"a": 2, "b": 7}


@given(PAIRS)
def test_a_column_is_the_table(pairs):
    """Read again it is the same, by its keys, by their hashes, and with texts for its numbers."""
    table, plain = filled(pairs)
    column = to_column(table, int)
    assert to_numbers(column) == table
    assert to_hashed_numbers(column) == {hash(key): value for key, value in table.items()}
    texts = to_texts(column, "zyxwvutsrq")
    assert {key: list(values(texts, key)) for key in texts} == {
        key: ["zyxwvutsrq"[value] for value in there] for key, there in plain.items()
    }


@pytest.mark.parametrize(
    "column",
    [
        Column(["a", "b"], array("I"), array("I", [1])),
        Column(["a"], array("I", [2]), array("I", [1])),
        Column(["a"], array("I", [1, 1]), array("I", [1, 1])),
        Column([], array("I"), array("I", [1])),
    ],
)
def test_what_does_not_fit_is_no_column(column):
    """Fewer or more values than the keys want."""
    with pytest.raises(ValueError, match="values"):
        to_numbers(column)
    with pytest.raises(ValueError):
        to_counts(column._replace(numbers=array("I", [1, 2, 3])))
