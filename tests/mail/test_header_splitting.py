"""The header section is split into fields whatever its line ends, folds and slips."""

import pytest

from sosie.mail.defect import Defect
from sosie.mail.header_fields import HeaderField, read_header_section


def pairs(raw):
    return [(field.name, field.value) for field in read_header_section(raw).fields]


FROM_AND_TO = [("From", b"jane@example.com"), ("To", b"joe@example.org")]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\r\r\n"])
def test_every_kind_of_line_end_separates_fields(end):
    """CRLF, LF, CR, and CR CR LF: the fields are the same, and none comes from the body."""
    raw = end.join([b"From: jane@example.com", b"To: joe@example.org", b"", b"Body: no field", b""])
    assert pairs(raw) == FROM_AND_TO


def test_mixed_line_ends_do_not_hide_a_field():
    """LF and CRLF may alternate; the first empty line of either kind ends the section."""
    assert pairs(b"From: jane@example.com\nTo: joe@example.org\r\n\nBody: x\r\n\r\n") == FROM_AND_TO
    assert pairs(b"From: jane@example.com\r\nTo: joe@example.org\n\r\nBody: x\n\n") == FROM_AND_TO


def test_a_header_without_body_is_enough():
    """The empty line, and the last line end, may be missing."""
    assert pairs(b"From: jane@example.com\r\nTo: joe@example.org") == FROM_AND_TO
    assert pairs(b"From: jane@example.com\r\nTo: joe@example.org\r\n") == FROM_AND_TO
    assert pairs(b"") == []


def test_a_well_formed_header_has_no_defects():
    """Folds, tabs, empty values and strange but allowed names are no defects."""
    section = read_header_section(b"From: jane@example.com\r\nX-Empty:\r\nX_1!2#3: a\r\n\tb\r\n  c\r\n\r\nbody")
    assert [tuple(field) for field in section.fields] == [
        ("From", b"jane@example.com", 0),
        ("X-Empty", b"", 24),
        ("X_1!2#3", b"a\tb  c", 34),
    ]
    assert not section.defects


def test_values_are_unfolded_and_trimmed_but_otherwise_raw():
    """Unfolding drops the line end and keeps the white space (RFC 5322, 2.2.3); 8-bit octets and NUL stay."""
    assert pairs(b"Subject:\r\n  J\xf6rg \xc3\xb6\0\r\n\t=?utf-8?q?x?= \r\n") == [
        ("Subject", b"J\xf6rg \xc3\xb6\0\t=?utf-8?q?x?=")
    ]


def test_an_offset_points_at_the_field_in_the_message():
    """Also behind a byte order mark, empty lines, a bare CR and a skipped line."""
    raw = b"\xef\xbb\xbf\r\n\nFrom: a\rb\r\nno field\r\n folded\r\nTo: c\rSubject: d\r\n\r\n"
    fields = read_header_section(raw).fields
    assert [field.name for field in fields] == ["From", "To", "Subject"]
    assert all(raw[field.offset :].startswith(field.name.encode() + b":") for field in fields)


def test_fields_are_found_by_name_in_any_case():
    """`named` gives all fields of a name, in their order."""
    section = read_header_section(b"FROM: a\r\nTo: b\r\nfrom: c\r\n\r\n")
    assert section.named("From") == (HeaderField("FROM", b"a", 0), HeaderField("from", b"c", 16))
    assert section.named("Sender") == ()
    assert section.named("Fröm") == ()


@pytest.mark.parametrize(
    ("raw", "defects"),
    [
        (b"From : jane@example.com\r\n", {Defect.SPACE_BEFORE_COLON}),
        (b"From \t : jane@example.com\r\n", {Defect.SPACE_BEFORE_COLON}),
        (b"From\r\n : jane@example.com\r\n", {Defect.FOLDED_BEFORE_COLON}),
        (b"From\n\t:\n jane@example.com\n", {Defect.FOLDED_BEFORE_COLON}),
        (b"From \r\n : jane@example.com\r\n", {Defect.FOLDED_BEFORE_COLON}),
        (b"From\r : jane@example.com\r\n", {Defect.BARE_CR, Defect.SPACE_BEFORE_COLON}),
        (b" From: jane@example.com\r\n", {Defect.LEADING_WHITE_SPACE}),
        (b"\xef\xbb\xbfFrom: jane@example.com\r\n", {Defect.BYTE_ORDER_MARK}),
        (b"\r\n\n \t\r\nFrom: jane@example.com\r\n", {Defect.LEADING_EMPTY_LINES}),
        (b"From jane@example.com Tue Nov  3 09:14:07 2026\nFrom: jane@example.com\n", set()),
        (b">From jane@example.com Tue Nov  3 09:14:07 2026\r\nFrom: jane@example.com\r\n", set()),
        (b"From jane Tue Nov  3 09:14:07 2026\n\nFrom: jane@example.com\n", {Defect.LEADING_EMPTY_LINES}),
        (b"no colon\r\n folded: on\r\nFrom: jane@example.com\r\n", {Defect.INVALID_FIELD_NAME}),
        (b"no colon\r\n folded\r\nFrom: jane@example.com\r\n", {Defect.MISSING_COLON}),
        (b"nocolon\r\nFrom: jane@example.com\r\n", {Defect.MISSING_COLON}),
        (b"two words: x\r\nFrom: jane@example.com\r\n", {Defect.INVALID_FIELD_NAME}),
        (b": no name\r\nFrom: jane@example.com\r\n", {Defect.INVALID_FIELD_NAME}),
        (b"Fr\xc3\xb6m: x\r\nFrom: jane@example.com\r\n", {Defect.INVALID_FIELD_NAME}),
        (b"From\0: jane@example.com\r\n", {Defect.NUL}),
        (b"Fr\0om: jane@example.com\r\n", {Defect.NUL}),
        (b"From\xc2\xa0: jane@example.com\r\n", {Defect.INVALID_FIELD_NAME}),
        (b"\x0cFrom: jane@example.com\r\n", {Defect.INVALID_FIELD_NAME}),
        (b"From: jane@\r example.com\r\n", {Defect.BARE_CR}),
    ],
)
def test_a_field_is_found_behind_every_slip(raw, defects):
    """What some readers take for a From field, we take for one, and say what is wrong with it."""
    section = read_header_section(b"%bTo: joe@example.org\r\n\r\nbody" % raw)
    assert [field.name for field in section.fields] == ["From", "To"]
    assert section.fields[0].value.replace(b" ", b"") == b"jane@example.com"
    assert section.defects == defects


def test_a_field_hidden_behind_a_bare_cr_is_found():
    """Some programs end a line at CR alone: what they would show must not escape us."""
    section = read_header_section(b"Subject: hello\rFrom: jane@example.com\r\nTo: joe@example.org\r\n\r\n")
    assert [field.name for field in section.fields] == ["Subject", "From", "To"]
    assert section.defects == {Defect.BARE_CR}


def test_a_bare_cr_in_a_value_does_not_cut_it():
    """The other reading of a bare CR: white space within a value; the address behind it must not escape us either."""
    assert pairs(b"From: Jane\rRoe <jane@example.com>\r\n\r\n") == [("From", b"Jane Roe <jane@example.com>")]


def test_only_an_empty_line_ends_the_section():
    """A line of white space is a fold (RFC 5322, 4.2), as is CR CR before anything but LF."""
    assert pairs(b"A: b\r\n \r\nFrom: jane@example.com\r\n\r\nTo: x\r\n")[1:] == [("From", b"jane@example.com")]
    assert pairs(b"A: b\r\rFrom: jane@example.com\r\n\r\nTo: x\r\n")[1:] == [("From", b"jane@example.com")]


def test_an_empty_line_that_ends_in_several_crs_ends_the_section():
    """CR CR LF, as some gateways write line ends, is one line end."""
    assert pairs(b"From: jane@example.com\r\r\nTo: joe@example.org\r\r\n\r\r\nBody: x\r\r\n") == FROM_AND_TO
