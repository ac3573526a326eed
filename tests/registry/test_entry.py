"""The entry's own rules: what may be written into one, and what an edit may change."""

from __future__ import annotations

import pytest

from sosie.registry.email_pattern import MAX_ADDRESSES, EmailPattern, EmailPatternError
from sosie.registry.entry import FIELDS, MAX_NAME, Entry, EntryFields, changed, read_changes, read_new_entry
from sosie.registry.errors import DirectorySynced, InvalidFields
from sosie.registry.provenance import A1S_INTERNAL, PROVENANCES, is_directory_synced, source_of

NEW = {"name": "Jane Roe", "email": "jane@example.com", "is_email_regex": False}
MOMENT = "2026-07-01T12:00:00.000000Z"


def _entry(**fields) -> Entry:
    return Entry("id", *EntryFields(**{**NEW, **fields}), MOMENT, MOMENT)


def _pointers(call):
    with pytest.raises(InvalidFields) as error:
        call()
    return [fault.pointer for fault in error.value.faults]


def test_a_new_entry_needs_three_fields():
    """The others are null, but for the provenance, which is the manual one; an explicit null stays null."""
    assert read_new_entry(NEW) == EntryFields("Jane Roe", "jane@example.com", False, provenance=A1S_INTERNAL)
    assert read_new_entry({**NEW, "provenance": None}).provenance is None
    assert _pointers(lambda: read_new_entry({})) == ["/name", "/email", "/is_email_regex"]


def test_the_field_table_is_the_value():
    """What the table names is what an entry is made of, in one order."""
    assert tuple(field.name for field in FIELDS) == EntryFields._fields
    assert Entry._fields == ("id", *EntryFields._fields, "created_at", "modified_at")
    assert _entry().fields == read_new_entry(NEW)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": "x" * (MAX_NAME + 1)}, "/name"),
        ({"email": "nobody"}, "/email"),
        ({"email": "a@example.com,"}, "/email"),
        ({"email": "("}, "/email"),
        ({"email": "(", "is_email_regex": True}, "/email"),
        ({"email": ",".join(f"a{number}@example.com" for number in range(MAX_ADDRESSES + 1))}, "/email"),
        ({"provenance": "a1s_internal"}, "/provenance"),
        ({"directory_id": 2**63}, "/directory_id"),
    ],
)
def test_a_broken_rule_is_named(changes, pointer):
    """Of a new entry, and of what an edit would make."""
    assert _pointers(lambda: read_new_entry({**NEW, **changes})) == [pointer]
    assert _pointers(lambda: changed(_entry(), read_changes(changes))) == [pointer]


def test_an_edit_changes_what_it_names():
    """The rest stays; null is a value."""
    entry = _entry(comments="c", directory_id=1)
    assert changed(entry, read_changes({"comments": None})) == entry.fields._replace(comments=None)
    assert changed(entry, read_changes({"ignored": 1})) == entry.fields


def test_an_edit_is_judged_by_what_comes_of_it():
    """An address alone may be a pattern, if the entry says so already; turning one into the other is judged too."""
    pattern = _entry(email=r".*@example\.com", is_email_regex=True)
    assert changed(pattern, read_changes({"email": r"j.*@example\.com"})).email == r"j.*@example\.com"
    assert _pointers(lambda: changed(pattern, read_changes({"is_email_regex": False}))) == ["/email"]
    assert _pointers(lambda: changed(_entry(), read_changes({"email": r".*@example\.com"}))) == ["/email"]


@pytest.mark.parametrize("provenance", [None, *PROVENANCES])
def test_an_entry_of_a_directory_is_not_edited(provenance):
    """Null counts as entered by hand."""
    entry = _entry(provenance=provenance)
    if provenance in (None, A1S_INTERNAL):
        assert changed(entry, read_changes({"name": "x"})).name == "x"
        return
    with pytest.raises(DirectorySynced):
        changed(entry, read_changes({"name": "x"}))


def test_sources_are_places_in_the_list():
    """Kept as numbers: a provenance never changes its place."""
    assert PROVENANCES == ("A1S_INTERNAL", "SNOOPY-CASB_OFFICE_365", "SNOOPY-OFFICE_365", "SNOOPY-GOOGLE_DIRECTORY")
    assert [source_of(provenance) for provenance in (None, *PROVENANCES)] == [0, 0, 1, 2, 3]
    assert [is_directory_synced(provenance) for provenance in (None, *PROVENANCES)] == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("text", "covered", "not_covered"),
    [
        ("jane@example.com", ["jane@example.com", "JANE@Example.COM"], ["jane@example.org", "xjane@example.com", ""]),
        ("a@example.com , b@example.org", ["a@example.com", "b@example.org"], ["a@example.org"]),
        ('"a,b"@example.com,c@example.com', ['"a,b"@example.com', "c@example.com"], ["b@example.com"]),
        ('"a\\",b"@example.com', ['"a\\",b"@example.com'], ["b@example.com"]),
        ("j@bücher.example", ["j@bücher.example", "j@BÜCHER.example"], ["j@bucher.example"]),
    ],
)
def test_literal_addresses_cover_themselves(text, covered, not_covered):
    """In any case; a comma within quotes separates nothing."""
    pattern = EmailPattern.from_text(text, is_regex=False)
    assert [address for address in covered if not pattern.covers(address)] == []
    assert [address for address in not_covered if pattern.covers(address)] == []


def test_an_international_domain_is_one_in_both_its_forms():
    """Mail carries the one, people write the other."""
    assert EmailPattern.from_text("j@bücher.example", is_regex=False).covers("j@xn--bcher-kva.example")


def test_a_pattern_covers_whole_addresses():
    """Never a part of one."""
    pattern = EmailPattern.from_text(r"j.*@example\.com", is_regex=True)
    assert pattern.covers("jane@example.com")
    assert not pattern.covers("jane@example.com.evil.example")
    assert not pattern.covers("xjane@example.com")
    assert not pattern.covers("jane@example.com" + "x" * 400)


@pytest.mark.parametrize("text", ["", ",", "a@example.com,,b@example.com", "a@example.com;b@example.com", "a@", "@b"])
def test_what_is_no_list_of_addresses_is_refused(text):
    """With a word about it."""
    with pytest.raises(EmailPatternError):
        EmailPattern.from_text(text, is_regex=False)
