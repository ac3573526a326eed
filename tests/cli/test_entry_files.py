"""Files of entries: what is read is what was written, whatever stands in it."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.cli.entry_files import CSV_HEADER, UnusableFile, lost_in_csv, read_lines, to_csv, to_json_line
from sosie.registry.entry import Entry, EntryFields
from sosie.registry.provenance import PROVENANCES

TIME = "2026-01-01T00:00:00.000000Z"
ADDRESSES = ("jane@example.com", '"a, b"@example.com', "jürgen@bücher.example", "=1+1@example.com", "-x@example.com")

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
fields = st.builds(
    EntryFields,
    name=texts.filter(str.strip),
    email=st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=3).map(", ".join),
    is_email_regex=st.booleans().map(lambda _: False),
    comments=st.none() | texts,
    directory_id=st.none() | st.integers(-(2**63), 2**63 - 1),
    directory_node_id=st.none() | st.integers(0, 9),
    external_directory_node_id=st.none() | texts,
    provenance=st.none() | st.sampled_from(PROVENANCES),
)


def _entry(one: EntryFields) -> Entry:
    return Entry("f174e90a-fafe-4643-bbbc-4a0ed4fc8415", *one, TIME, TIME)


@given(st.lists(fields, max_size=5))
def test_json_lines_come_back_as_they_were(many):
    """Every field of every entry."""
    document = b"".join(to_json_line(_entry(one)) for one in many)
    assert [(line.number, line.fields) for line in read_lines(document, "jsonl")] == list(enumerate(many, 1))


@given(st.lists(fields, max_size=5))
def test_csv_that_loses_nothing_comes_back_as_it_was(many):
    """And what would be lost is known beforehand."""
    kept = [one for one in many if not lost_in_csv(_entry(one))]
    document = CSV_HEADER + b"".join(to_csv(_entry(one)) for one in kept)
    back = [line.fields for line in read_lines(document, "csv")]
    assert back == [one._replace(provenance=PROVENANCES[0]) for one in kept]


@given(st.lists(fields, max_size=5))
def test_csv_is_what_others_read(many):
    """Python's reader finds the same cells."""
    document = b"".join(to_csv(_entry(one)) for one in many).decode()
    assert list(csv.reader(io.StringIO(document, newline=""))) == [[one.name, one.email] for one in many]


@given(st.binary(max_size=200) | st.binary(max_size=100).map((CSV_HEADER).__add__), st.sampled_from(["csv", "jsonl"]))
def test_any_bytes_are_read_or_refused(document, form):
    """With a line number, never with a crash."""
    with suppress(UnusableFile):
        for line in read_lines(document, form):
            assert line.number >= 1
            assert (line.fields is None) == bool(line.faults)


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    "header",
    [
        "Display_Name,Email",
        "Display_Name, Email",
        "Display Name, Email",
        "display name,EMAIL",
        '"Display_Name","Email"',
    ],
)
def test_every_form_of_the_header_is_taken(bom, end, header):
    """Cloudflare's documentation writes it in several ways; so do spreadsheets, with and without a byte order mark."""
    document = bom + end.join(
        [header.encode(), b"Jane Roe, jane@example.com", b"", b'"Roe, J","a@b.example, c@d.example"']
    )
    lines = list(read_lines(document + end, "csv"))
    assert [(line.number, line.fields and line.fields[:3]) for line in lines] == [
        (2, ("Jane Roe", "jane@example.com", False)),
        (4, ("Roe, J", "a@b.example, c@d.example", False)),
    ]


@pytest.mark.parametrize(
    ("document", "line", "reason"),
    [
        (b"", 1, "the file is empty"),
        (b"\r\n\r\n", 1, "the file is empty"),
        (b"Jane Roe,jane@example.com\n", 1, "must be Display_Name,Email, not 'Jane Roe,jane@example.com'"),
        (b"\nDisplay_Name;Email\n", 2, "separated by a comma, not by a semicolon"),
        (b"Display_Name,Email,Comments\n", 1, "the header has 3 columns; exactly two are taken"),
        (b"Email,Display_Name\n", 1, "must be Display_Name,Email, not 'Email,Display_Name'"),
        ("Display_Name,Email\n".encode("utf-16"), 1, "save it as UTF-8"),
    ],
)
def test_a_header_of_another_kind_is_refused(document, line, reason):
    """With the reason."""
    with pytest.raises(UnusableFile, match=reason) as caught:
        list(read_lines(document, "csv"))
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        (b"Jane", ["the row has 1 cell instead of 2"]),
        (b"Jane,a@b.example,c@d.example", ["the row has 3 cells instead of 2; an email with commas stands in quotes"]),
        (b",jane", ["name must not be blank", "email 'jane' is not an email address: it has no @"]),
        (b"J\xf6rg,j@example.com", ["the row is not UTF-8"]),
        (b'"Jane"x,j@example.com', ["the quotes of this row cannot be read"]),
        (b'"Jane,j@example.com', ["the quotes of this row cannot be read"]),
        (b"J\0,j@example.com", ["name must not contain a NUL character"]),
    ],
)
def test_a_bad_row_is_given_back_with_every_fault(row, reasons):
    """And with the number of the line that it begins on, also after a cell of several lines."""
    good = b'"Jane\nRoe",jane@example.com\n'
    lines = list(read_lines(b"Display_Name,Email\n" + good + row + b"\n", "csv"))
    assert [line.number for line in lines] == [2, 4]
    assert lines[1].fields is None
    assert len(lines[1].faults) == len(reasons)
    for fault, reason in zip(lines[1].faults, reasons, strict=True):
        assert fault.message.startswith(reason)


def test_json_lines_are_read_as_the_api_reads_a_body():
    """Read-only and unknown keys are ignored, types are strict, blank lines are nothing."""
    document = (
        b'\xef\xbb\xbf{"id": 7, "created_at": null, "what": [],'
        b' "name": "N", "email": "n@a.example", "is_email_regex": false}\n'
        b"\n"
        b'{"name": "N", "email": "(", "is_email_regex": "false"}\r\n'
        b"[]\n"
        b'{"name":\n'
    )
    lines = list(read_lines(document, "jsonl"))
    assert [line.number for line in lines] == [1, 3, 4, 5]
    assert lines[0].fields == EntryFields("N", "n@a.example", is_email_regex=False)
    assert [fault.pointer for fault in lines[1].faults] == ["/is_email_regex"]
    assert lines[2].faults[0].message == "the body must be a JSON object, not an array"
    assert lines[3].faults[0].message.startswith("the line is not JSON: ")
