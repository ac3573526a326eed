"""What is typed -> the source that it names."""

from __future__ import annotations

import os

from sosie.scan.pieces import Source
from sosie.scan.tree import Tree

_MARKS = dict.fromkeys(map(ord, "+.-"))  # may stand between the letters and digits of a scheme
IMAP = ("imap", "imaps")
IMAP_JOBS = 4  # connections at once: Dovecot lets an account have ten (mail_max_userip_connections), Gmail fifteen


class UnusableAddress(ValueError):
    """A URL that names no source; the message says why."""


def scheme_of(path: str) -> str:
    """The scheme of a URL (RFC 3986, 3.1) in lower case; empty for the name of a file."""
    scheme, found, _ = path.partition("://")
    plain = scheme.isascii() and scheme[:1].isalpha() and scheme.translate(_MARKS).isalnum()
    return scheme.lower() if found and plain else ""


def source_of(path: str, password: str = "") -> Source:
    """Folders and files by their names, IMAP accounts by imap:// and imaps://, and whatever fsspec knows by its URL.

    Raises UnusableAddress.
    """
    scheme = scheme_of(path)
    if not scheme:
        return Tree(os.fsencode(path.rstrip("/") or path[:1]))
    if scheme in IMAP:
        from sosie.scan.imap import account_from  # noqa: PLC0415 - it takes a fifth of a start, and few need it

        return account_from(path, password)
    from sosie.scan.remote import Remote  # noqa: PLC0415 - the same

    return Remote(path)
