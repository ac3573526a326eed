"""Fields as data: every fault is named at once, by its place and in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.registry.errors import Fault, InvalidFields
from sosie.registry.fields import EXACT, INT64, Field, read_fields

TABLE = (
    Field("name", "string", "", required=True, not_blank=True, max_length=5),
    Field("note", "string", "", nullable=True, max_bytes=6),
    Field("kind", "string", "", choices=("a", "b")),
    Field("flag", "boolean", "", required=True),
    Field("number", "integer", "", nullable=True),
)
GOOD = {"name": "n", "flag": True}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.dictionaries(st.sampled_from([field.name for field in TABLE]) | st.text(max_size=4), JSON)


def _faults(document, **rules):
    with pytest.raises(InvalidFields) as error:
        read_fields(TABLE, document, **rules)
    return [(fault.pointer, fault.message) for fault in error.value.faults]


def test_what_the_table_names_is_read():
    """In the order of the table; what it does not name is left out, and what is absent is not made up."""
    document = {"x": 1, "number": None, **GOOD, "note": None, "kind": "b"}
    assert read_fields(TABLE, document) == {"name": "n", "note": None, "kind": "b", "flag": True, "number": None}
    assert list(read_fields(TABLE, document)) == ["name", "note", "kind", "flag", "number"]
    assert read_fields(TABLE, GOOD) == GOOD


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", None, "must not be null"),
        ("name", 5, "must be a string, not a number"),
        ("name", [], "must be a string, not an array"),
        ("name", "", "must not be blank"),
        ("name", " \t\u2003", "must not be blank"),
        ("name", "sixsix", "must be at most 5 characters long, not 6"),
        ("name", "a\0b", "must not contain a NUL character"),
        ("name", "\ud800", "must not contain a lone surrogate"),
        ("note", "é" * 4, "must be at most 6 bytes long, not 8"),
        ("kind", "A", "must be one of a, b"),
        ("flag", 1, "must be a boolean, not a number"),
        ("flag", "true", "must be a boolean, not a string"),
        ("number", True, "must be an integer, not a boolean"),
        ("number", "1", "must be an integer, not a string"),
        ("number", 1.5, "must be an integer, not a number"),
        ("number", INT64, "must be a 64-bit integer"),
        ("number", -INT64 - 1, "must be a 64-bit integer"),
        ("number", float(EXACT) * 4, "must be a 64-bit integer"),
        ("number", float("inf"), "must be an integer, not a number"),
        ("number", float("nan"), "must be an integer, not a number"),
        ("number", {}, "must be an integer, not an object"),
    ],
)
def test_a_fault_is_named(field, value, words):
    """By its pointer, with the field's name before the words."""
    assert _faults({**GOOD, field: value}) == [(f"/{field}", f"{field} {words}")]


@pytest.mark.parametrize("value", [0, INT64 - 1, -INT64, 1.0, -0.0, float(EXACT)])
def test_an_integer_is_a_number_without_a_fraction(value):
    """1.0 is 1 (JSON Schema, 6.1.1)."""
    read = read_fields(TABLE, {**GOOD, "number": value})["number"]
    assert read == value
    assert type(read) is int


def test_every_fault_is_named_at_once():
    """In the order of the table, with what is missing and what a rule says of several fields."""
    faults = _faults({"note": 1, "number": "x"}, rule=lambda values: [Fault("/several", str(sorted(values)))])
    assert [pointer for pointer, _ in faults] == ["/name", "/note", "/flag", "/number", "/several"]
    assert faults[-1] == ("/several", "[]")


def test_a_partial_document_needs_one_field_of_any_kind():
    """Nothing is required, but something must be there."""
    assert read_fields(TABLE, {"kind": "a"}, partial=True) == {"kind": "a"}
    assert read_fields(TABLE, {"unknown": 1}, partial=True) == {}
    assert _faults({}, partial=True) == [("", "the body must name at least one field to change")]


@pytest.mark.parametrize(
    ("document", "kind"), [(None, "null"), ([], "an array"), ("x", "a string"), (1, "a number"), (True, "a boolean")]
)
def test_a_document_is_an_object(document, kind):
    """What it is instead is said."""
    assert _faults(document) == [("", f"the body must be a JSON object, not {kind}")]


@given(DOCUMENTS)
def test_any_document_is_read_or_refused(document):
    """What is read keeps every rule; what is refused names only fields of the table, each once."""
    try:
        values = read_fields(TABLE, document)
    except InvalidFields as error:
        pointers = [fault.pointer for fault in error.faults]
        assert len(set(pointers)) == len(pointers)
        assert set(pointers) <= {f"/{field.name}" for field in TABLE}
        return
    assert 0 < len(values["name"]) <= 5
    assert type(values["flag"]) is bool
    assert values.get("number") is None or -INT64 <= values["number"] < INT64
    assert values.get("kind") in (None, "a", "b")
