"""Mailboxes on an IMAP server (RFC 3501), read and never changed: EXAMINE, and BODY.PEEK of the header section.

The password goes over an encrypted connection, or to this host: `imap:` takes STARTTLS, and without it speaks to
localhost only. The folders of an account are in the order of their names, the messages in that of their UIDs; a folder
whose UIDVALIDITY is another than before has other messages under the same numbers, and is begun anew.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from sosie.scan.header import MOST
from sosie.scan.pieces import LETTERS_PER_PIECE, Cut, Letter, Place, Tell, Unreadable
from sosie.scan.sources import UnusableAddress

TIMEOUT = 60.0  # seconds for any answer: RFC 3501, 5.4 lets a server wait 30 minutes, a person does not
AT_ONCE = 100  # messages asked for in one FETCH: half a megabyte of headers
ALL_AT_ONCE = 50_000  # UIDs of ten digits in a line of an answer, of which imaplib takes a million octets
LOCAL = ("localhost", "127.0.0.1", "::1")
DEAD = (imaplib.IMAP4.abort, ssl.SSLError, TimeoutError, ConnectionError)

_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")
_UTF_7 = re.compile(r"&([^-]*)-")
_UID = re.compile(rb"\bUID (\d+)")
_LISTED = re.compile(rb'\(([^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (.+)', re.DOTALL)


class CannotOpen(OSError):
    """The server does not let us into a folder."""


class Account(NamedTuple):
    """An account on a server, or one folder of it. `folder` is in modified UTF-7 (RFC 3501, 5.1.3), empty for all."""

    user: str
    password: str
    host: str
    port: int
    encrypted: bool
    folder: str

    def __repr__(self) -> str:
        return self.address("")

    def address(self, folder: str) -> str:
        """The URL of a folder (RFC 5092), without the password."""
        scheme = "imaps" if self.encrypted else "imap"
        return f"{scheme}://{quote(self.user, '')}@{self.host}:{self.port}/{quote(_from_wire(folder))}"

    def cuts(self, after: Place | None, tell: Tell) -> Iterator[Cut]:  # noqa: ARG002 - all that lies there is mail
        """See `Source`. A place is folder, UIDVALIDITY, UID. The connection waits while others read, so it may break:
        it is made anew, once a folder."""
        try:
            connection = connect(self)
            for folder in [self.folder] if self.folder else _folders(connection):
                if after is not None and folder < after[0]:
                    continue
                try:
                    validity, uids = _uids(connection, folder)
                except DEAD:
                    connection = connect(self)
                    validity, uids = _uids(connection, folder)
                except (CannotOpen, imaplib.IMAP4.error) as error:
                    yield Cut([folder, 0, 0], Unreadable(self.address(folder), _words(error)))
                    continue
                least = after[2] if after is not None and after[:2] == [folder, validity] else 0
                left = (uid for uid in uids if uid > least)
                while some := tuple(islice(left, LETTERS_PER_PIECE)):
                    yield Cut([folder, validity, some[-1]], Uids(self, folder, some))
            with suppress(*DEAD):
                connection.logout()
        except imaplib.IMAP4.error as error:
            raise OSError(None, _words(error)) from None

    def weigh(self) -> int | None:
        """Nobody knows before asking."""
        return None


class Uids(NamedTuple):
    """Messages of one folder."""

    account: Account
    folder: str
    uids: tuple[int, ...]

    @property
    def source(self) -> str:
        """The folder."""
        return self.account.address(self.folder)

    @property
    def weight(self) -> int:
        """The number of messages."""
        return len(self.uids)

    def letters(self) -> Iterator[Letter]:
        """One a message; what was deleted meanwhile is not there. A connection that breaks is made anew, once."""
        left = list(self.uids)
        attempts = 2
        while left:
            attempts -= 1
            try:
                connection = _connected(self.account)
                _examine(connection, self.folder)
                while left:
                    found = _fetch(connection, left[:AT_ONCE])
                    del left[:AT_ONCE]
                    for uid, raw in found:
                        yield Letter(f"{self.source}/;UID={uid}", raw)
            except DEAD as error:
                _connected.cache_clear()
                if not attempts:
                    raise OSError(None, _words(error)) from None
            except imaplib.IMAP4.error as error:
                raise OSError(None, _words(error)) from None


def account_from(url: str, password: str) -> Account:
    """The account that imap:// or imaps:// names (RFC 5092). Raises UnusableAddress."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UnusableAddress(f"{url}: {error}") from None
    if parts.password is not None:
        raise UnusableAddress("the password does not belong into the address, where others can see it")
    if not parts.hostname or not parts.username:
        raise UnusableAddress(f"{url}: an IMAP address is imaps://USER@HOST/FOLDER")
    if not password:
        raise UnusableAddress(f"{url}: there is no password; give it in a file or in the environment")
    encrypted = parts.scheme.lower() == "imaps"
    folder = _to_wire(unquote(parts.path.strip("/")))
    user = unquote(parts.username)
    if not user.isprintable():
        raise UnusableAddress(f"{url}: the user's name has a character that nobody can see")
    return Account(user, password, parts.hostname, port or (993 if encrypted else 143), encrypted, folder)


def connect(account: Account) -> imaplib.IMAP4:
    """A connection that is logged in. Raises OSError, imaplib.IMAP4.error."""
    context = ssl.create_default_context()
    if account.encrypted:
        connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=TIMEOUT)
    else:
        connection = imaplib.IMAP4(account.host, account.port, timeout=TIMEOUT)
        if "STARTTLS" in connection.capabilities and account.host not in LOCAL:
            connection.starttls(context)
        elif account.host not in LOCAL:
            raise OSError(None, "the server does not encrypt, so the password was not sent: try imaps://")
    if (account.user + account.password).isascii():
        connection.login(_quoted(account.user), account.password)
    else:  # LOGIN knows ASCII alone
        connection.authenticate("PLAIN", lambda _: f"\0{account.user}\0{account.password}".encode())  # RFC 4616
    return connection


@lru_cache(maxsize=1)
def _connected(account: Account) -> imaplib.IMAP4:
    """The connection of this process, kept for its next piece."""
    return connect(account)


def _examine(connection: imaplib.IMAP4, folder: str) -> int:
    """Open it for reading only; its UIDVALIDITY. Raises CannotOpen, OSError, imaplib.IMAP4.error."""
    name: Any = _quoted(folder).encode("latin-1")  # imaplib takes octets too
    kind, answer = connection.select(name, readonly=True)
    if kind != "OK":
        raise CannotOpen(f"{_from_wire(folder)}: {_text(answer)}")
    (validity,) = connection.response("UIDVALIDITY")[1] or [b"0"]
    return int(validity or 0)


def _folders(connection: imaplib.IMAP4) -> list[str]:
    """All that can be opened, by name."""
    names = []
    for line in connection.list()[1]:
        whole = b"".join(line) if isinstance(line, tuple) else line
        if not whole or not (match := _LISTED.match(whole)) or b"\\noselect" in match[1].lower():
            continue
        name = line[1] if isinstance(line, tuple) else match[2]
        if name.startswith(b'"'):
            name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
        names.append(name.decode("latin-1"))  # any octets: not all servers have read the standard
    return sorted(names)


def _uids(connection: imaplib.IMAP4, folder: str) -> tuple[int, Sequence[int]]:
    """The UIDVALIDITY of a folder, and all UIDs in their order: eight octets each, since there may be a million."""
    validity = _examine(connection, folder)
    (exists,) = connection.response("EXISTS")[1] or [b"0"]
    if int(exists or 0) <= ALL_AT_ONCE:
        return validity, array("Q", _search(connection, "ALL"))
    uids = array("Q")
    (last,) = _search(connection, "UID *") or [0]
    for first in range(1, last + 1, ALL_AT_ONCE):
        uids.extend(_search(connection, f"UID {first}:{min(first + ALL_AT_ONCE - 1, last)}"))
    return validity, uids


def _search(connection: imaplib.IMAP4, criteria: str) -> list[int]:
    kind, answer = connection.uid("SEARCH", criteria)
    if kind != "OK":
        raise OSError(None, _text(answer))
    return sorted(int(uid) for line in answer for uid in (line or b"").split())


def _fetch(connection: imaplib.IMAP4, uids: Sequence[int]) -> list[tuple[int, bytes]]:
    """UIDs and header sections, in the order of the UIDs."""
    kind, answer = connection.uid("FETCH", _set_of(uids), f"(UID BODY.PEEK[HEADER]<0.{MOST}>)")
    if kind != "OK":
        raise OSError(None, _text(answer))
    found = []
    for place, part in enumerate(answer):
        if isinstance(part, tuple):
            rest = answer[place + 1] if place + 1 < len(answer) else b""
            uid = _UID.search(part[0]) or (_UID.search(rest) if isinstance(rest, bytes) else None)
            if uid is not None:
                found.append((int(uid[1]), part[1]))
    return sorted(found)


def _set_of(uids: Sequence[int]) -> str:
    """A sequence set (RFC 3501, 9) with ranges, because a server takes a line of some thousand octets only."""
    ranges: list[list[int]] = []
    for uid in uids:
        if ranges and ranges[-1][1] == uid - 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return ",".join(f"{first}:{last}" if last > first else str(first) for first, last in ranges)


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _to_wire(name: str) -> str:
    """Modified UTF-7 (RFC 3501, 5.1.3)."""

    def encoded(match: re.Match[str]) -> str:
        return "&" + b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    return _NOT_ASCII.sub(encoded, name.replace("&", "&-"))


def _from_wire(name: str) -> str:
    def decoded(match: re.Match[str]) -> str:
        packed = match[1].replace(",", "/")
        with suppress(ValueError):
            return b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-16-be") if packed else "&"
        return match[0]

    return _UTF_7.sub(decoded, name)


def _text(answer: list[Any]) -> str:
    return b" ".join(part for part in answer if isinstance(part, bytes)).decode("utf-8", "replace") or "refused"


def _words(error: Exception) -> str:
    first = error.args[0] if error.args else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(error) or type(error).__name__
