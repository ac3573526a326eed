"""The history is a value: it says what was seen of a name and an address, however the two are spelt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.detection.history import MAX_ADDRESS, MAX_NAME, Acquaintance, History, compared, fault_of, gathered
from sosie.mail.address import Address

EARLY, LATE = "2025-04-10T18:27:34Z", "2026-07-01T05:20:00Z"
JANE = Acquaintance("Jane Roe", "Jane.Roe@example.com", 3, 2, EARLY, EARLY, 1)
ADDRESSES = st.from_regex(r"\A[A-Za-z0-9.\" +ßü@]{0,12}@[A-Za-z0-9.Ü\- ]{0,12}\Z")
PAIRS = st.builds(
    Acquaintance,
    st.sampled_from(["Jane Roe", "JANE  roe", "John Doe", ""]),
    st.sampled_from(["jane@example.com", "Jane@EXAMPLE.com", "john@example.com"]),
    st.integers(0, 5),
    st.integers(0, 5),
    st.sampled_from(["", EARLY, LATE]),
    st.sampled_from(["", EARLY, LATE]),
    st.integers(0, 5),
)


def test_spelling_does_not_matter():
    """Case, white space and width of a name, case and quotes of an address."""
    history = History([JANE])
    assert history.of_pair("JANE  ｒｏｅ", '"jane.roe"@EXAMPLE.com.') == JANE
    assert history.of_address(" jane.roe@example.com") == JANE


def test_what_was_never_seen_is_unknown():
    """A known name with another address, a known address with another name, and anything in an empty history."""
    history = History([JANE])
    assert history.of_pair("Jane Roe", "jane@example.org") is None
    assert history.of_pair("John Doe", JANE.address) is None
    assert history.of_address("jane@example.org") is None
    assert history.names_of("jane@example.org") == ()
    assert History().of_pair("", "") is None


def test_an_address_is_known_under_each_of_its_names():
    """By each name its own counts, by the address all of them together."""
    other = Acquaintance("Desk", "jane.roe@example.com", 5, 5, LATE, LATE, 0)
    history = History([JANE, other, JANE])
    assert history.of_pair("desk", JANE.address) == other
    assert history.of_pair("jane roe", JANE.address) == JANE._replace(messages=6, authenticated=4, sent=2)
    assert history.of_address(JANE.address) == Acquaintance("Jane Roe", JANE.address, 11, 9, EARLY, LATE, 2)
    assert {one.name for one in history.names_of(JANE.address)} == {"Jane Roe", "Desk"}
    assert len(history) == 2


def test_an_unknown_moment_is_neither_early_nor_late():
    """Together with a known one, it leaves that as it is."""
    for records in (
        [JANE, JANE._replace(first_seen="", last_seen="")],
        [JANE._replace(first_seen="", last_seen=""), JANE],
    ):
        known = History(records).of_pair("Jane Roe", JANE.address)
        assert (known.first_seen, known.last_seen) == (EARLY, EARLY)


def test_an_alert_is_one_of_an_entry_and_an_address():
    """The same address in another name is new, and so is another address in the same name."""
    history = History(alerted=[("entry-1", "Jane@Example.com")])
    assert history.was_alerted("entry-1", "jane@example.com")
    assert not history.was_alerted("entry-2", "jane@example.com")
    assert not history.was_alerted("entry-1", "jane@example.org")
    assert not History([JANE]).was_alerted("entry-1", "jane@example.com")


@given(st.lists(PAIRS, max_size=12))
def test_a_history_says_the_sums_of_what_it_was_given(records):
    """In any order and however often; gathered before, it is the same."""
    for history in (History(records), History(gathered(records))):
        for one in records:
            same = [other for other in records if compared(other.address) == compared(one.address)]
            pair = [other for other in same if other.name.lower().split() == one.name.lower().split()]
            for known, of in ((history.of_pair(*one[:2]), pair), (history.of_address(one.address), same)):
                assert known.messages == sum(other.messages for other in of)
                assert known.authenticated == sum(other.authenticated for other in of)
                assert known.sent == sum(other.sent for other in of)
                assert known.first_seen == min((other.first_seen for other in of if other.first_seen), default="")
                assert known.last_seen == max(other.last_seen for other in of)
        names = {(compared(one.address), " ".join(one.name.lower().split())) for one in records}
        assert len(history) == len(names)


@given(ADDRESSES | st.emails() | st.text(max_size=20))
def test_the_short_way_to_compare_addresses_is_the_long_way(text):
    """What looks plain is compared as the reader of addresses would compare it."""
    parsed = Address.from_header(text)
    assert compared(text) == (parsed.compared if parsed else text.strip().casefold())


@pytest.mark.parametrize(
    ("name", "address", "fault"),
    [
        ("n" * MAX_NAME, "j@example.com", ""),
        ("", "j@example.com", ""),
        ("n" * (MAX_NAME + 1), "j@example.com", "at most 256 characters"),
        ("Jane", " ", "must not be blank"),
        ("Jane", "j" * MAX_ADDRESS + "@example.com", "at most 320 characters"),
        ("Ja\x00ne", "j@example.com", "control characters"),
        ("Jane", "j\ud800@example.com", "control characters"),
    ],
)
def test_what_cannot_be_kept_is_named(name, address, fault):
    """Too long, empty, or no text that a database takes."""
    assert (fault in fault_of(name, address)) if fault else not fault_of(name, address)
