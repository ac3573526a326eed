"""Files of history: what is written is read back, other people's files too, and a bad line is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.cli.history_file import UnusableLine, read_history, read_lines, to_json_line
from sosie.detection.history import MAX_NAME, Acquaintance, fault_of
from sosie.registry.moments import to_rfc3339_seconds

MOMENT = "2026-07-01T05:20:00Z"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=MAX_NAME)


def _line(**document) -> bytes:
    return json.dumps({"name": "Jane Roe", "address": "jane@example.com", **document}).encode()


def _one(**document) -> Acquaintance:
    (acquaintance,) = read_history(_line(**document))
    return acquaintance


@given(
    TEXT, TEXT, st.lists(st.integers(0, 10**9), min_size=3, max_size=3), st.lists(st.integers(0, 10**10), max_size=2)
)
def test_what_is_written_is_read_back(name, address, counts, seconds):
    """Any pair that can be kept, with all that is known of it."""
    if fault_of(name, address):
        return
    moments = ([to_rfc3339_seconds(second) for second in sorted(seconds)] * 2 or ["", ""])[:2]
    one = Acquaintance(name, address, counts[0], min(counts[:2]), *sorted(moments), counts[2])
    assert read_history(to_json_line(one) * 2) == [one, one]


def test_what_is_missing_is_unknown():
    """One message, and nothing else; null is the same as nothing."""
    assert _one() == Acquaintance("Jane Roe", "jane@example.com", 1)
    nulls = dict.fromkeys(("name", "messages", "authenticated", "first_seen", "last_seen", "sent"))
    assert _one(**nulls) == Acquaintance("", "jane@example.com", 1)


@pytest.mark.parametrize(("authenticated", "count"), [(True, 7), (False, 0), (0, 0), (3, 3), (7, 7), (None, 0)])
def test_authenticated_is_a_number_or_all_or_none(authenticated, count):
    """True is every message."""
    assert _one(messages=7, authenticated=authenticated).authenticated == count


@pytest.mark.parametrize(
    "moment", [MOMENT, "2026-07-01T07:20:00.9+02:00", 1_782_883_200, 1_782_883_200.5, "2026-07-01 05:20:00z"]
)
def test_a_moment_is_rfc_3339_or_seconds(moment):
    """In any offset; kept as UTC in whole seconds. Where only one of the two is known, it is both."""
    assert _one(last_seen=moment)[4:6] == (MOMENT, MOMENT)
    assert _one(first_seen=0, last_seen=moment)[4:6] == ("1970-01-01T00:00:00Z", MOMENT)


def test_other_keys_are_ignored():
    """Whatever is in them."""
    assert _one(score=[1, {}], first="x") == _one()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"[]", "the line must be a JSON object"),
        (b'{"name":', "the line is not JSON: "),
        (b'{"name": "\xff", "address": "a@b.example"}', "the line is not JSON: "),
        (b'{"name": "Jane"}', "address must not be blank"),
        (_line(address=["x"]), "address must be a string"),
        (_line(name=7), "name must be a string"),
        (_line(name="n" * (MAX_NAME + 1)), "name must be at most 256 characters long"),
        (_line(messages=-1), "messages must be a whole number from 0 to 1,000,000,000"),
        (_line(messages=True), "messages must be a whole number"),
        (_line(messages=1.5), "messages must be a whole number"),
        (_line(sent="3"), "sent must be a whole number"),
        (_line(messages=2, authenticated=3), "authenticated must not be more than messages"),
        (_line(authenticated="yes"), "authenticated must be a whole number"),
        (_line(first_seen="yesterday"), "first_seen: 'yesterday' is not a date-time such as"),
        (_line(last_seen=True), "last_seen must be a date-time such as"),
        (_line(last_seen=1e300), "last_seen must be a date-time such as"),
        (_line(first_seen=2, last_seen=1), "first_seen must not be later than last_seen"),
    ],
)
def test_a_bad_line_is_named_by_its_number(line, fault):
    """With what is wrong with it; the others are read."""
    document = b"\xef\xbb\xbf" + _line() + b"\r\n\n" + line + b"\n" + _line()
    lines = list(read_lines(document))
    assert [one.number for one in lines] == [1, 3, 4]
    assert [one.acquaintance is None for one in lines] == [False, True, False]
    assert lines[1].fault.startswith(fault)
    with pytest.raises(UnusableLine) as raised:
        read_history(document)
    assert (raised.value.line, str(raised.value)) == (3, lines[1].fault)


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(document):
    """Nothing else is raised."""
    for line in read_lines(document):
        assert (line.acquaintance is None) == bool(line.fault)
