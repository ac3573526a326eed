"""What a file holds, by its name and its first octets."""

from __future__ import annotations

import os
import re

LETTER, MBOX = "letter", "mbox"

# Of everything else, why it is passed over.
NO_MAIL = "holds no mail"
COMPRESSED = "is compressed: unpack it first (of messages, those named .eml.gz are unpacked)"
DBOX = "is of Dovecot's own format dbox: scan the account by IMAP"

SNIFFED = 4096  # octets
SUFFIXES = (b".eml", b".eml.gz")

_COMPRESSED = (b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")  # RFC 1952; bzip2; xz; RFC 8878
_DBOX = re.compile(rb"2 M[0-9a-f]+ C[0-9a-f]+[ \n]")  # DBOX_VERSION 2 and the file's header, in Dovecot's dbox-file.c
_FIRST_FIELD = re.compile(rb"[!-9;-~]++[ \t]*:")
_TELLING_FIELD = re.compile(
    rb"^(?:From|Received|Return-Path|Message-ID|Delivered-To)[ \t]*:", re.IGNORECASE | re.MULTILINE
)


def kind_of_file(path: bytes) -> str:
    """What the first lines of a file say. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        return kind_of(path, os.read(descriptor, SNIFFED))
    finally:
        os.close(descriptor)


def kind_of(name: bytes, beginning: bytes) -> str:
    """What the first octets of a file say; an empty file holds no message, and so it is a mailbox without any."""
    name = name.lower()
    if name.endswith(SUFFIXES):
        return LETTER
    beginning = beginning.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if beginning.startswith(b"From ") or not beginning or name.endswith(b".mbox"):
        return MBOX
    if _FIRST_FIELD.match(beginning) and _TELLING_FIELD.search(beginning):
        return LETTER
    if beginning.startswith(_COMPRESSED):
        return COMPRESSED
    return DBOX if _DBOX.match(beginning) else NO_MAIL
