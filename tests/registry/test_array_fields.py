"""Fields that hold arrays, integers with bounds, and tables that are closed."""

from __future__ import annotations

import pytest

from sosie.registry.errors import InvalidFields
from sosie.registry.fields import Field, read_fields

TABLE = (
    Field("modes", "array", "", choices=("a", "b"), min_items=1, max_items=2),
    Field("texts", "array", "", max_length=3, max_items=2, nullable=True),
    Field("hops", "integer", "", minimum=1, maximum=20),
)


def _faults(document, **how):
    with pytest.raises(InvalidFields) as caught:
        read_fields(TABLE, document, **how)
    return [(fault.pointer, fault.message) for fault in caught.value.faults]


def test_an_array_is_read_as_a_tuple():
    """Of the strings that it holds; null where that is allowed."""
    document = {"modes": ["b", "b"], "texts": [], "hops": 20.0}
    assert read_fields(TABLE, document) == {"modes": ("b", "b"), "texts": (), "hops": 20}
    assert read_fields(TABLE, {"texts": None}) == {"texts": None}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("modes", "a", "must be an array, not a string"),
        ("modes", None, "must not be null"),
        ("modes", {}, "must be an array, not an object"),
        ("modes", [], "must hold 1 to 2 values, not 0"),
        ("modes", ["a"] * 3, "must hold 1 to 2 values, not 3"),
        ("modes", ["a", "c"], "holds a value, the one at 1, that must be one of a, b"),
        ("modes", [None], "holds a value, the one at 0, that must be a string, not null"),
        ("texts", ["abcd"], "holds a value, the one at 0, that must be at most 3 characters long, not 4"),
        ("texts", ["\0"], "holds a value, the one at 0, that must not contain a NUL character"),
        ("hops", 0, "must be between 1 and 20"),
        ("hops", 21, "must be between 1 and 20"),
        ("hops", 2**70, "must be a 64-bit integer"),
    ],
)
def test_a_fault_is_named(field, value, words):
    """By its pointer; in an array with the place."""
    assert _faults({field: value}) == [(f"/{field}", f"{field} {words}")]


def test_a_closed_table_knows_no_other_keys():
    """Each is a fault, beside the others; an open one ignores them."""
    document = {"hops": 0, "a/b~": 1}
    assert [pointer for pointer, _ in _faults(document, closed=True)] == ["/hops", "/a~1b~0"]
    assert read_fields(TABLE, {"other": 1}) == {}
