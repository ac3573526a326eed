"""Mailboxes in one file: messages begin at From_ lines, wherever the file is cut, and nothing else is believed."""

from __future__ import annotations

import mailbox
import os
from random import Random

import pytest

from scan.scanner import DATE, letter, mbox
from sosie.cli.exit_status import FAILED, PARTLY
from sosie.scan import mbox as kept
from sosie.scan.mbox import SHORTER, letters_between
from sosie.scan.tree import Tree


def found(data: bytes, size: int | None = None) -> list[tuple[int, bytes]]:
    """Offsets and header sections of all messages, read in stretches of `size` octets."""
    size = size or len(data) or 1
    letters = [
        one
        for start in range(0, len(data), size)
        for one in letters_between("box", lambda at, n: data[at : at + n], start, min(start + size, len(data)))
    ]
    assert [one.fault for one in letters if one.fault] == []
    return [(int(one.source.partition(":")[2]), one.raw.partition(b"\n\n")[0]) for one in letters]


def header(raw: bytes) -> bytes:
    return raw.partition(b"\n\n")[0]


@pytest.mark.parametrize("chunk", [64, 1000, 1 << 20])
@pytest.mark.parametrize("first", [40, 16384])
def test_wherever_the_file_is_cut(monkeypatch, chunk, first):
    """A thousand ways to cut it give the messages of one reading, each once and with its whole header section."""
    monkeypatch.setattr(kept, "CHUNK", chunk)
    monkeypatch.setattr(kept, "FIRST", first)
    monkeypatch.setattr(kept, "AHEAD", first + kept.LINE)
    random = Random(7)
    letters = [letter(number, body="word\n" * random.randrange(200)) for number in range(60)]
    data = mbox(letters)
    whole = found(data)
    assert [raw for _, raw in whole] == [header(raw) for raw in letters]
    assert all(data[offset:].startswith(b"From ") for offset, _ in whole)
    for size in (1, 7, 100, 333, 5000) if chunk > 64 else (333,):
        assert found(data, size) == whole


def test_quoted_and_unquoted_from_in_bodies():
    """mboxrd and mboxo quote it; mboxcl2 does not, and a sentence is still no From_ line."""
    body = ">From the beginning\n\nFrom here on, all is well.\nThat is 12:00 in 2020.\n\nFrom: me\n"
    data = mbox([letter(1, body=body), letter(2)])
    assert len(found(data)) == 2


def test_content_length_is_not_believed():
    """One that lies hides no message."""
    one = letter(1).replace(b"\nSubject", b"\nContent-Length: 100000\nSubject")
    assert len(found(mbox([one, letter(2), letter(3)]))) == 3


@pytest.mark.parametrize(
    "data",
    [
        mbox([letter(1), letter(2)]).replace(b"\n", b"\r\n"),
        mbox([letter(1), letter(2)]).replace(b"\n\nFrom ", b"\nFrom "),
        mbox([letter(1), letter(2)]).replace(DATE.encode(), b"long ago"),
        mbox([letter(1), letter(2)]).replace(b"From desk@mail.example", b"From -"),
        b"\n\n" + mbox([letter(1), letter(2)]),
        mbox([letter(1), letter(2)]).rstrip(b"\n"),
    ],
    ids=["CRLF", "no empty line", "no date", "Thunderbird", "empty lines first", "no last line end"],
)
def test_other_writers(data):
    """Each leaves something out, or ends lines otherwise."""
    assert len(found(data)) == 2


def test_a_torn_message_does_not_swallow_the_next():
    """A header section that never ends, because its body was cut away, ends at the next From_ line."""
    torn = b"From desk@mail.example " + DATE.encode() + b"\nFrom: Person 1 <p1@mail.example>\nSubject: torn\n"
    whole = found(torn + mbox([letter(2)]))
    assert [raw.count(b"From:") for _, raw in whole] == [1, 1]


def test_a_file_that_begins_in_the_middle(scan, mail):
    """It was cut off: that is told, and everything after the first From_ line is judged."""
    (mail / "torn.mbox").write_bytes(b"the rest of a letter\n\n" + mbox([letter(1), letter(2, forged=True)]))
    ran = scan.json(mail, status=FAILED)
    assert ran.numbers == [1, 2]
    assert "torn.mbox:0: the file does not begin with a From_ line" in ran.stderr


def test_the_source_is_where_the_message_begins(scan, mail):
    """The file and an offset, where the message can be seen."""
    data = mbox([letter(1), letter(2, forged=True)])
    (mail / "box").write_bytes(data)
    ran = scan.json(mail, status=PARTLY)
    name, _, offset = ran.documents[1]["source"].rpartition(":")
    assert name == str(mail / "box")
    assert data[int(offset) :].startswith(b"From desk@mail.example")


def test_a_file_that_becomes_shorter_is_told(mail):
    """Somebody empties a mailbox while it is scanned: what is gone, or stands elsewhere now, is not passed over in
    silence."""
    box = mail / "box"
    box.write_bytes(mbox(letter(number) for number in range(10)))
    (cut,) = Tree(os.fsencode(box)).cuts(None, print)
    with box.open("ab") as stream:
        stream.write(mbox([letter(10)]))
    assert [one.fault for one in cut.piece.letters()] == [""] * 10  # one that grows is not
    os.truncate(box, 300)
    assert next(cut.piece.letters()).fault == SHORTER


def test_a_message_of_many_mebibytes(scan, mail):
    """Bodies are passed over, and one is no reason to miss what comes after it."""
    big = letter(1, body="0123456789abcdef" * 64 * 1024 * 12)  # 12 MiB in one line
    (mail / "box").write_bytes(mbox([big, letter(2, forged=True), big.replace(b"<1@", b"<3@")]))
    assert scan.json(mail, "--jobs", "2", status=PARTLY).numbers == [1, 2, 3]


def test_the_standard_library_finds_the_same(tmp_path):
    """In files of which everybody thinks alike: quoted bodies, an empty line before each From_ line."""
    random = Random(3)
    bodies = ["Noon?\n", ">From the start\n", "\n\n\n", "From: me\n", "x" * 5000 + "\n", ""]
    letters = [letter(number, body="".join(random.choices(bodies, k=random.randrange(5)))) for number in range(200)]
    (tmp_path / "box").write_bytes(mbox(letters))
    theirs = [message["Message-ID"] for message in mailbox.mbox(tmp_path / "box", create=False)]
    ours = [raw.partition(b"Message-ID: ")[2].partition(b"\n")[0].decode() for _, raw in found(mbox(letters))]
    assert ours == theirs


def test_any_octets(monkeypatch):
    """Nothing raises, and whatever is found is found wherever the file is cut."""
    monkeypatch.setattr(kept, "CHUNK", 100)
    random = Random(5)
    parts = (b"\n", b"\r\n", b"From ", b"\nFrom a@b.example 01:05 1998\n", b"Subject: x\n", b"x" * 30, b"\0", b">")
    for _ in range(500):
        data = b"From " + b"".join(random.choices(parts, k=random.randrange(40)))
        whole = found(data)
        assert sorted({offset for offset, _ in whole}) == [offset for offset, _ in whole]
        for size in (1, 13, 64):
            assert [offset for offset, _ in found(data, size)] == [offset for offset, _ in whole]
