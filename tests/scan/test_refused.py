"""What a scan does not read is named with its reason, and takes nothing else with it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os

import pytest

from scan.scanner import letter, maildir, mbox
from sosie.cli.exit_status import DONE, FAILED
from sosie.scan import tree
from sosie.scan.mbox import guess

BOX = mbox([letter(1), letter(2, forged=True)])
OF_DBOX = b"2 M1e C5f8a1b2c\n\x01\x02N                 0000000000000100\n" + letter(3)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_mailbox_is_not_one_message(scan, mail, pack):
    """Unpacked and read as a message it would be one without findings, whatever is in it."""
    (mail / "old.mbox.gz").write_bytes(pack(BOX))
    ran = scan(mail / "old.mbox.gz", status=FAILED)
    assert "old.mbox.gz: is compressed" in ran.stderr
    assert "0 messages, 0 flagged, 1 could not be judged" in ran.stdout
    assert "old.mbox.gz: is compressed" in scan(mail, status=DONE).stderr


def test_packed_messages_are_read_whatever_the_case_of_their_names(scan, mail):
    """Files from Windows often have names in capitals."""
    (mail / "A.EML.GZ").write_bytes(gzip.compress(letter(1)))
    assert scan.json(mail / "A.EML.GZ").numbers == [1]
    assert scan.json(mail).numbers == [1]


def test_dovecots_own_format_is_named(scan, mail):
    """Who scans such a store learns that its mail was not read, and how it can be."""
    (mail / "u.1").write_bytes(OF_DBOX)
    assert "dbox: scan the account by IMAP" in scan(mail, status=DONE).stderr
    assert "dbox: scan the account by IMAP" in scan(mail / "u.1", status=FAILED).stderr


def test_a_pipe_is_no_empty_mailbox(scan, mail):
    """`sosie scan <(zcat old.mbox.gz)` must not say that nothing was flagged."""
    reading, writing = os.pipe()
    os.write(writing, BOX)
    os.close(writing)
    try:
        with pytest.raises(OSError, match="is a pipe"):
            list(tree.Tree(f"/proc/self/fd/{reading}".encode()).cuts(None, print))
    finally:
        os.close(reading)
    os.mkfifo(mail / "fifo")
    ran = scan(mail / "fifo", status=FAILED)
    assert "fifo: is a pipe" in ran.stderr


def test_a_link_to_itself_hides_no_mail(scan, mail):
    """It is told; the folder that it is in is read."""
    (mail / "a.eml").write_bytes(letter(1))
    (mail / "self").symlink_to("self")
    ran = scan.json(mail, status=FAILED)
    assert ran.numbers == [1]
    assert "self: Too many levels of symbolic links" in ran.stderr


def test_folders_that_link_to_each_other_are_counted_once(mail):
    """Two links to the folder that they are in make more paths than anybody could walk."""
    (mail / "a.eml").write_bytes(letter(1))
    for name in ("b", "c", "d"):
        (mail / name).symlink_to(".")
    maildir(mail / "box", [("cur/1:2,", letter(1)), ("new/2", letter(2)), ("tmp/3", letter(3))])
    (mail / "box.mbox").write_bytes(b"x" * 10_000)
    assert tree.Tree(os.fsencode(mail)).weigh() == 1 + 2 + guess(10_000)


@pytest.mark.parametrize("closed", ["", "cur"])
def test_a_folder_that_is_closed_to_us_hides_no_other(scan, mail, monkeypatch, closed):
    """A Maildir of somebody else, or its cur alone: told once, and what is beside, below and after it is judged."""
    maildir(mail / "jane", [("cur/1:2,", letter(1)), ("new/2", letter(2))])
    maildir(mail / "jane" / ".Sent", [("cur/3:2,", letter(3))])
    maildir(mail / "john", [("new/4", letter(4))])
    closed = mail / "jane" / closed
    real = os.scandir

    def scandir(path):
        if os.fsdecode(path) == str(closed):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    cuts = list(tree.Tree(os.fsencode(mail)).cuts(None, print))
    letters = [letter for cut in cuts for letter in cut.piece.letters()]
    assert [(one.source, one.fault) for one in letters if one.fault] == [(str(closed), "Permission denied")]
    numbers = [int(one.raw.partition(b"Person ")[2][:1]) for one in letters if not one.fault]
    assert numbers == ([2, 3, 4] if closed.name == "cur" else [4])
    assert [cut.place for cut in cuts] == sorted(cut.place for cut in cuts)
