"""Folders of files: messages are found whatever they are called, everything else is told, nothing is followed twice."""

from __future__ import annotations

import gzip
import os
import subprocess

from scan.scanner import SOSIE, environment, letter, maildir, mbox
from sosie.cli.exit_status import DONE, FAILED, PARTLY
from sosie.scan import mbox as kept
from sosie.scan import tree


def test_messages_of_all_kinds_are_found_and_the_rest_is_told(scan, mail):
    """By their suffix, packed, by what they begin with, in mailbox files; other files are named, and are no error."""
    (mail / "a.eml").write_bytes(letter(1))
    (mail / "b.EML").write_bytes(letter(2, forged=True))
    (mail / "c.eml.gz").write_bytes(gzip.compress(letter(3)))
    (mail / "0001").write_bytes(b"Received: from mail.example\n" + letter(4))
    (mail / "0002.7c53").write_bytes(mbox([letter(5)]))
    (mail / "archive").write_bytes(mbox([letter(6), letter(7, forged=True)]))
    (mail / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0 no mail")
    (mail / "notes.yaml").write_bytes(b"title: Notes\nkind: list\n")
    (mail / "below").mkdir()
    (mail / "below" / "d.eml").write_bytes(letter(8))
    ran = scan.json(mail, status=PARTLY)
    assert ran.numbers == [4, 1, 2, 3, 5, 6, 7, 8]
    assert [one["message_id"] for one in ran.documents if one["disposition"] != "NONE"] == [
        "<2@mail.example>",
        "<7@mail.example>",
    ]
    assert f"{mail}/photo.jpg: holds no mail" in ran.stderr
    assert "notes.yaml: holds no mail" in ran.stderr


def test_a_folder_that_is_called_cur_is_no_maildir(scan, mail):
    """Without a new beside it, it is a folder like others."""
    (mail / "cur").mkdir()
    (mail / "cur" / "a.eml").write_bytes(letter(1))
    assert scan.json(mail).numbers == [1]


def test_a_line_is_what_screen_prints(scan, mail):
    """The same fields with the same values: who reads one can read the other."""
    for number in range(4):
        (mail / f"{number}.eml").write_bytes(letter(number, forged=number % 2 == 1))
    files = sorted(map(str, mail.iterdir()))
    screened = subprocess.run(
        [SOSIE, "screen", "--registry", scan.registry, "--json", *files],
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert scan.json(mail, status=PARTLY).stdout == screened.stdout.decode()


def test_links_that_go_in_circles_end(scan, mail):
    """Every folder is read once; a link to a message is a message, one that leads nowhere is told."""
    (mail / "one").mkdir()
    (mail / "one" / "a.eml").write_bytes(letter(1))
    (mail / "one" / "up").symlink_to(mail)
    (mail / "again").symlink_to(mail / "one")
    (mail / "b.eml").symlink_to(mail / "one" / "a.eml")
    (mail / "c.eml").symlink_to(mail / "nothing")
    ran = scan.json(mail, status=FAILED)
    assert ran.numbers == [1, 1]
    assert "c.eml: No such file or directory" in ran.stderr


def test_names_of_any_octets(scan, mail):
    """A name that is no UTF-8 is read, and shown as well as can be."""
    folder = mail / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    for name in (b"a\xff.eml", b"b\n.eml"):
        (folder / os.fsdecode(name)).write_bytes(letter(1))
    ran = scan.json(os.fsencode(folder))
    assert [one["source"].rpartition("/")[2] for one in ran.documents] == ["a\N{REPLACEMENT CHARACTER}.eml", "b\n.eml"]


def test_what_cannot_be_read_is_told_and_the_rest_is_judged(scan, mail):
    """An empty message, one that is no message, a torn archive, a path that is not there: told, counted, not fatal."""
    (mail / "a.eml").write_bytes(b"")
    (mail / "b.eml").write_bytes(b"\0" * 5000)
    (mail / "c.eml.gz").write_bytes(gzip.compress(letter(1))[:9] + b"\xff\xff broken")
    (mail / "d.eml").write_bytes(letter(2, forged=True))
    ran = scan.json(mail, mail / "missing", status=FAILED)
    assert ran.numbers == [2]
    for name in ("a.eml: there is no header field", "b.eml: there is", "c.eml.gz: cannot be unpacked", "missing: No"):
        assert name in ran.stderr
    assert "1 message, 1 flagged, 4 could not be judged" in ran.stderr


def test_a_pipe_among_the_files_keeps_nobody_waiting(scan, mail):
    """It is no file, whatever its name."""
    os.mkfifo(mail / "a.eml")
    (mail / "b.eml").write_bytes(letter(1))
    assert scan.json(mail).numbers == [1]


def test_nothing_is_in_empty_folders_and_files(scan, mail):
    """And that is no error."""
    maildir(mail / "box", [])
    (mail / "empty.mbox").write_bytes(b"")
    (mail / "empty").write_bytes(b"")
    ran = scan(mail, status=DONE)
    assert ran.stdout == "0 messages, 0 flagged\n"
    assert ran.stderr == ""


def test_one_file_is_judged_whatever_it_is_called(scan, mail):
    """A path may be a file."""
    (mail / "letter.txt").write_bytes(letter(1, forged=True))
    (mail / "box").write_bytes(mbox([letter(2), letter(3)]))
    assert scan.json(mail / "letter.txt", mail / "box", status=PARTLY).numbers == [1, 2, 3]


def test_long_headers_are_read_to_their_end(scan, mail):
    """A header section of 100 KiB is judged by what stands at its end; a packed one that is a bomb costs nothing."""
    padding = b"".join(b"X-Padding-%d: %s\n" % (number, b"x" * 900) for number in range(100))
    (mail / "a.eml").write_bytes(padding + letter(1, forged=True))
    (mail / "b.eml.gz").write_bytes(gzip.compress(padding + letter(2, forged=True) + b"\0" * 200_000_000, 1))
    ran = scan.json(mail, status=PARTLY)
    assert [one["disposition"] == "NONE" for one in ran.documents] == [False, False]


def test_small_mailboxes_are_read_together_up_to_a_size(mail, monkeypatch):
    """So that neither ten thousand of them are as many pieces, nor one piece as long as all of them."""
    size = len(mbox([letter(1)]))
    for number in range(9):
        (mail / str(number)).write_bytes(mbox([letter(1)]))
    monkeypatch.setattr(tree, "BYTES_PER_PIECE", 4 * size)
    cuts = list(tree.Tree(os.fsencode(mail)).cuts(None, print))
    assert [len(cut.piece.ranges) for cut in cuts] == [4, 4, 1]


def test_places_are_in_order_and_end_their_pieces(mail, monkeypatch):
    """What is cut after a place is exactly what is not before it: so a scan can go on from any."""
    monkeypatch.setattr(tree, "LETTERS_PER_PIECE", 100)
    for module in (tree, kept):
        monkeypatch.setattr(module, "BYTES_PER_PIECE", 1000)
    maildir(mail / "box", [(f"cur/{number:04}:2,S", letter(number)) for number in range(250)])
    maildir(mail / "box" / ".Sent", [(f"new/{number:04}", letter(number)) for number in range(250)])
    (mail / "a.mbox").write_bytes(mbox(map(letter, range(40))))
    (mail / "b").write_bytes(mbox(map(letter, range(40, 80))))
    (mail / "c.eml").write_bytes(letter(7))
    source = tree.Tree(os.fsencode(mail))
    cuts = list(source.cuts(None, print))
    assert len(cuts) > 10
    places = [cut.place for cut in cuts]
    assert places == sorted(places)
    for number, place in enumerate(places):
        assert [cut.piece for cut in source.cuts(place, print)] == [cut.piece for cut in cuts[number + 1 :]]
