"""Where the milter listens: `inet:HOST:PORT` or `unix:PATH`, as Postfix and Sendmail write it."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Who may connect can have messages judged, and learn what is known; so nobody but the owner and one group.
SOCKET_MODE = 0o660


class NotAnAddress(ValueError):
    """The text names no address; the message says what is taken."""


def bind(address: str, mode: int = SOCKET_MODE) -> socket.socket:
    """A bound socket, not yet listening; one of unix with this mode. A socket file that nobody listens on is replaced.

    Raises NotAnAddress, OSError.
    """
    kind, _, place = address.partition(":")
    if kind in ("unix", "local") and place:
        return _bind_unix(Path(place), mode)
    host, colon, port = place.rpartition(":")
    if kind not in ("inet", "inet6") or not colon or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise NotAnAddress(f"an address of the milter reads inet:HOST:PORT or unix:PATH, not {address!r}")
    host = host.strip("[]") or "127.0.0.1"
    family = socket.AF_INET6 if kind == "inet6" or ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, int(port)))
    except OSError:
        bound.close()
        raise
    return bound


@contextmanager
def taken_back_on_failure(bound: socket.socket) -> Iterator[None]:
    """Where what is done within fails, the socket is closed, and its file removed, unless it is another's by now: two
    processes may be started at once."""
    path = bound.getsockname() if bound.family == socket.AF_UNIX else ""
    made = os.lstat(path) if path else None
    try:
        yield
    except BaseException:
        with suppress(FileNotFoundError):
            if made is not None and os.path.samestat(made, os.lstat(path)):
                Path(path).unlink()
        bound.close()
        raise


def _bind_unix(path: Path, mode: int) -> socket.socket:
    if not path.parent.is_dir():
        raise FileNotFoundError(2, "its folder is not there", str(path))
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError(17, "this is a file, and no socket", str(path))
        if _is_live(path):
            raise OSError(98, "another process listens there", str(path))
        path.unlink()
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777)  # nobody may connect between the two steps
    try:
        bound.bind(str(path))
        path.chmod(mode)
    except OSError:
        bound.close()
        raise
    finally:
        os.umask(before)
    return bound


def _is_live(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.settimeout(1.0)
        try:
            other.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True  # somebody is there, busy or not for us
    return True
