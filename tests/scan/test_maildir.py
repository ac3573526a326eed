"""Maildir: cur and new of every folder, and never a message lost because a mail program moves it meanwhile."""

from __future__ import annotations

import os

from scan.scanner import letter, maildir
from sosie.cli.exit_status import PARTLY
from sosie.scan.files import Files
from sosie.scan.tree import Tree


def test_cur_and_new_of_all_folders(scan, mail):
    """By name, wherever they are; tmp and the files of the mail server are not mail, and nothing is said of them."""
    maildir(mail, [("cur/1.a:2,S", letter(1)), ("new/0.b", letter(0, forged=True)), ("tmp/2.c", letter(2))])
    maildir(mail / ".Sent", [("cur/3.d:2,RS", letter(3))])
    maildir(mail / ".Sent.Old", [("new/4.e", letter(4))])
    (mail / "dovecot-uidlist").write_text("3 V1 N5 G1\n")
    ran = scan.json(mail, status=PARTLY)
    assert ran.numbers == [0, 1, 3, 4]
    assert ran.stderr == ""
    assert scan.json(mail / "cur").numbers == [1]


def test_nothing_is_changed(scan, mail):
    """Not a name, not an octet, not a moment."""
    maildir(mail, [("cur/1.a:2,", letter(1)), ("new/0.b", letter(0))])
    before = [(file, file.stat().st_mtime_ns) for file in sorted(mail.rglob("*"))]
    scan.json(mail)
    assert [(file, file.stat().st_mtime_ns) for file in sorted(mail.rglob("*"))] == before


def test_a_message_that_is_read_meanwhile_is_found(mail):
    """It got a flag, or went from new to cur, after the folder was listed; one that was deleted is a fault."""
    maildir(mail, [("new/1.a", letter(1)), ("cur/2.b:2,", letter(2)), ("cur/3.c:2,", letter(3))])
    (cut,) = Tree(os.fsencode(mail)).cuts(None, print)
    (mail / "new" / "1.a").rename(mail / "cur" / "1.a:2,S")
    (mail / "cur" / "2.b:2,").rename(mail / "cur" / "2.b:2,S")
    (mail / "cur" / "3.c:2,").unlink()
    first, second, third = cut.piece.letters()
    assert (first.raw, second.raw) == (letter(1), letter(2))
    assert "No such file" in third.fault


def test_a_flag_does_not_change_the_place(mail):
    """A scan that goes on does not meet the message again that got a flag, nor miss its neighbour."""
    maildir(mail, [("cur/1:2,", letter(1)), ("new/2", letter(2)), ("new/3", letter(3))])
    (cut,) = Tree(os.fsencode(mail)).cuts(None, print)
    place = cut.place
    place[2] = "2"
    (mail / "new" / "2").rename(mail / "cur" / "2:2,S")
    (left,) = Tree(os.fsencode(mail)).cuts(place, print)
    assert left.piece == Files(os.fsencode(mail), (b"new/3",), maildir=True)
