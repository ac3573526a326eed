"""Alerts appended to a file, a JSON line each, in Logpush's shape."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

import orjson

from sosie.screening.outputs.alert import Alert
from sosie.screening.outputs.logpush import to_document


class AlertFile:
    """The file is opened again where another stands in its place (logrotate, without copytruncate).

    Several processes may append to it, each under its lock (flock): nobody takes back a part of a line behind which
    another has written.
    """

    kind = "file"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def deliver(self, alert: Alert) -> None:
        """Append a line. Raises OSError; then there is no part of it in the file."""
        line = json_line(to_document(alert.record))
        descriptor = self._opened()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            before = os.fstat(descriptor).st_size
            written = os.write(descriptor, line)
            if written < len(line):  # the disk is full
                os.ftruncate(descriptor, before)
                raise OSError(f"only {written} of {len(line)} octets could be written")
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)

    def give_up(self, alert: Alert, reason: str) -> None:
        """There is nowhere else to keep it: the record of the message tells the same."""

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _opened(self) -> int:
        if self._descriptor >= 0 and not self._is_same_file():
            self.close()
        if self._descriptor < 0:
            self._descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o640)
        return self._descriptor

    def _is_same_file(self) -> bool:
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        mine = os.fstat(self._descriptor)
        return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)


def json_line(document: dict[str, Any]) -> bytes:
    """A line of JSON with its end."""
    try:
        return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a lone surrogate, which UTF-8 has no place for
        return json.dumps(document).encode() + b"\n"
