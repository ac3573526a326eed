"""A header may be of any size: what is read of it is limited, and a defect says where we stopped."""

from sosie.mail.defect import Defect
from sosie.mail.header_fields import MAX_HEADER_FIELDS, MAX_HEADER_SECTION_SIZE, read_header_section


def test_a_section_beyond_the_limit_is_cut_and_noted():
    """Fields before the limit are read, and those behind it are not."""
    section = read_header_section(b"From: a\r\nX: " + b"x" * 300 + b"\r\nTo: b\r\n\r\n", max_size=200)
    assert [field.name for field in section.fields] == ["From", "X"]
    assert section.defects == {Defect.HEADER_SECTION_TOO_LONG}


def test_the_default_limit_is_a_quarter_mebibyte():
    """A section of exactly this size is whole; one octet more is cut."""
    whole = b"X: ".ljust(MAX_HEADER_SECTION_SIZE - 2, b"x") + b"\r\n"
    assert not read_header_section(whole).defects
    assert read_header_section(whole + b"\r").defects == {Defect.HEADER_SECTION_TOO_LONG}


def test_a_large_body_is_no_large_header():
    """The limit is for the header section; a body of any size is not looked at."""
    for line_end in (b"\r\n", b"\n"):
        section = read_header_section(b"From: a" + line_end * 2 + b"x" * 2 * MAX_HEADER_SECTION_SIZE)
        assert [field.name for field in section.fields] == ["From"]
        assert not section.defects


def test_the_empty_line_is_found_however_long_the_section():
    """Sections longer than the first look end where they end, too."""
    for line_end in (b"\r\n", b"\n"):
        lines = [b"X-%d: %b" % (number, b"y" * 70) for number in range(1000)]
        section = read_header_section(line_end.join([*lines, b"", b"Body: x", b""]))
        assert len(section.fields) == 1000
        assert not section.defects


def test_fields_beyond_the_limit_are_not_read_and_noted():
    """Lines that are no fields count too, since they cost as much."""
    section = read_header_section(b"a: b\n" * (MAX_HEADER_FIELDS + 1))
    assert len(section.fields) == MAX_HEADER_FIELDS
    assert section.defects == {Defect.TOO_MANY_HEADER_FIELDS}
    assert len(read_header_section(b"no field\n" * 3 + b"a: b\n", max_fields=3).fields) == 0
    assert not read_header_section(b"a: b\n" * MAX_HEADER_FIELDS + b"\nbody").defects
