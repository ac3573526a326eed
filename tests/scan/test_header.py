"""Only the beginning of a file is read, and nobody can tell: the judgement is that of the whole message."""

from __future__ import annotations

import gzip
import os
from random import Random

import pytest

from sosie.mail.header_fields import MAX_HEADER_SECTION_SIZE, read_header_section
from sosie.scan import header
from sosie.scan.header import MOST, read_header_of

PARTS = (
    b"\n", b"\r\n", b"\r", b"\n\n", b"\r\n\r\n", b"\r\r\n", b" ", b"\t", b"\0", b"\xef\xbb\xbf",
    b"From desk@mail.example Sat Jan  3 01:05:34 1998\n", b">From desk\n", b"From: Jane Roe <desk@freemail.example>\n",
    b"From: Jane Roe <desk@freemail.example>\r\n", b"Subject: Noon\n", b" folded\n", b"no field\n", b"x" * 40,
)  # fmt: skip


def read(place, raw: bytes, suffix: str = "") -> bytes:
    file = place / f"letter{suffix}"
    file.write_bytes(gzip.compress(raw, 1) if suffix else raw)
    return read_header_of(os.fsencode(file))


@pytest.mark.parametrize("first", [64, 200])
def test_the_section_is_that_of_the_whole_message(tmp_path, monkeypatch, first):
    """Whatever it begins with and however its lines end: 1,500 messages put together at random."""
    monkeypatch.setattr(header, "FIRST", first)
    random = Random(11)
    shorter = 0
    for _ in range(1500):
        raw = b"".join(random.choices(PARTS, k=random.randrange(60)))
        beginning = read(tmp_path, raw)
        shorter += len(beginning) < len(raw)
        assert raw.startswith(beginning)
        assert read_header_section(beginning) == read_header_section(raw)
    assert shorter > 100  # else the test would prove nothing


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_no_more_is_read_than_is_looked_at(tmp_path, suffix):
    """Of a header section that never ends, and packed or not; that it is too long can still be seen."""
    raw = b"X-Padding: %s\n" % (b"x" * 900) * 1000
    beginning = read(tmp_path, raw, suffix)
    assert len(beginning) == MOST == MAX_HEADER_SECTION_SIZE + 1
    assert read_header_section(beginning) == read_header_section(raw)
