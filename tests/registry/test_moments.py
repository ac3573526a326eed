"""Moments and the ids that carry them: text that sorts as time does."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.registry.moments import entry_id, from_rfc3339, now_us, to_rfc3339, to_rfc3339_seconds

MOMENTS = st.integers(0, 253_402_300_799_999_999)  # to the end of the year 9999


@given(MOMENTS, MOMENTS)
def test_text_sorts_as_time_does(one, other):
    """All texts have one width."""
    assert (to_rfc3339(one) < to_rfc3339(other)) == (one < other)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", to_rfc3339(one))


@given(MOMENTS)
def test_text_is_the_moment(moment):
    """To the microsecond, and to the second."""
    exact = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)
    assert datetime.fromisoformat(to_rfc3339(moment)) == exact
    assert datetime.fromisoformat(to_rfc3339_seconds(moment // 10**6)) == exact.replace(microsecond=0)
    assert from_rfc3339(to_rfc3339(moment)) == to_rfc3339_seconds(moment // 10**6)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-07-01T05:20:00Z", "2026-07-01T05:20:00Z"),
        ("2026-07-01t05:20:00z", "2026-07-01T05:20:00Z"),
        ("2026-07-01 05:20:00Z", "2026-07-01T05:20:00Z"),
        ("2026-07-01T05:20:00.999999999Z", "2026-07-01T05:20:00Z"),
        ("2026-07-01T00:20:00+05:30", "2026-06-30T18:50:00Z"),
        ("2026-12-31T23:59:59-00:01", "2027-01-01T00:00:59Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
    ],
)
def test_a_date_time_is_read_in_utc(text, utc):
    """With any offset, T or t or a space, and any fraction (RFC 3339, 5.6)."""
    assert from_rfc3339(text) == utc


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-07-01",
        "2026-07-01T05:20Z",
        "2026-07-01T05:20:00",
        "20260701T052000Z",
        "2026-W27-3T05:20:00Z",
        "2026-07-01T05:20:00,5Z",
        "2026-07-01T052000+0000",
        "2026-07-01T05:20:00+0530",
        "2026-07-01T05:20:00 Z",
        "2026-13-01T05:20:00Z",
        "2026-02-29T05:20:00Z",
        "2026-07-01T24:00:01Z",
        "2026-07-01T05:20:61Z",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+01:00",
        "0000-01-01T00:00:00Z",
        "٢٠٢٦-07-01T05:20:00Z",
        "2026-07-01T05:20:00Z\n",
        "tomorrow",
    ],
)
def test_anything_else_is_refused(text):
    """With a word about it, whatever is wrong."""
    with pytest.raises(ValueError, match=r"\S"):
        from_rfc3339(text)


@given(st.text(max_size=40))
def test_any_text_is_a_date_time_or_refused(text):
    """And what comes of it is of one form."""
    try:
        utc = from_rfc3339(text)
    except ValueError:
        return
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", utc)


@given(
    st.integers(0, 2**48 * 1000 - 1),
    st.integers(1, 10**6),
    st.binary(min_size=8, max_size=8),
    st.binary(min_size=8, max_size=8),
)
def test_ids_sort_as_their_moments(moment, later, chance, other):
    """Whatever the chance in them, to the microsecond; each is a UUID of version 7 that says its milliseconds."""
    first, second = entry_id(moment, chance), entry_id(min(moment + later, 2**48 * 1000 - 1), other)
    if moment + later < 2**48 * 1000:
        assert first < second
    parsed = uuid.UUID(first)
    assert str(parsed) == first
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert parsed.int >> 80 == moment // 1000


def test_chance_tells_ids_of_one_moment_apart():
    """Two accounts may make an entry in one microsecond."""
    assert entry_id(1, b"\0" * 8) != entry_id(1, b"\xff" * 8)


def test_now_is_in_microseconds():
    """Between the beginning and the end of this test."""
    before = datetime.now(UTC)
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now_us())
    assert before <= now <= datetime.now(UTC)
