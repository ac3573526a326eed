"""The file of an SQLite database that is in use. SQLite goes on writing to one that was removed, and says nothing."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sosie.store.errors import StoreAway


class SQLiteFile(NamedTuple):
    """Where it lies, and which one it is."""

    path: Path
    device: int
    number: int

    @classmethod
    def at(cls, path: Path) -> SQLiteFile:
        """The one that lies there now. Raises OSError."""
        state = path.stat()
        return cls(path, state.st_dev, state.st_ino)

    def expect_there(self) -> None:
        """Raises StoreAway where it lies there no more."""
        try:
            there = self.at(self.path) == self
        except OSError:
            there = False
        if not there:
            raise StoreAway(
                f"{self.path} was removed or replaced while it was in use: put it back, or restart what uses it"
            )
