"""Meaning -> words: the one table in which every error gets the line that a person reads. All of them are FAILED.

What only the command line knows to be wrong is a click.ClickException with its words in it.
"""

from __future__ import annotations

from typing import NamedTuple

from sosie.config import ConfigError, read_config
from sosie.registry.errors import DirectorySynced, EntryNotFound, InvalidFields, SettingNotFound
from sosie.store.errors import NoDatabase, StoreAway, StoreError


class Row(NamedTuple):
    """One line of the table; the first whose meaning fits is taken."""

    meaning: type[Exception]
    words: str


ERRORS = (
    Row(ConfigError, "{0}"),
    Row(EntryNotFound, "there is no entry {0} in this account"),
    Row(SettingNotFound, "{0} not found"),
    Row(DirectorySynced, "entry {0} is synced from a directory: change it there"),
    Row(NoDatabase, "{0}"),
    Row(StoreAway, "the database cannot be used: {0}"),
    Row(StoreError, "{0}"),
)


def to_line(error: Exception) -> str:
    """One line about the error. With SOSIE_LOG_LEVEL=debug an error that is in no table is raised again instead."""
    return " ".join(_words(error).split())


def _words(error: Exception) -> str:
    if isinstance(error, InvalidFields):
        return "; ".join(fault.message for fault in error.faults)
    for row in ERRORS:
        if isinstance(error, row.meaning):
            return row.words.format(error)
    if isinstance(error, OSError):
        reason = error.strerror or str(error) or type(error).__name__
        return f"{error.filename}: {reason}" if error.filename else reason
    if _traceback_wanted():
        raise error
    return f"a mistake in sosie: {type(error).__name__}: {error} (SOSIE_LOG_LEVEL=debug shows where)"


def _traceback_wanted() -> bool:
    try:
        return read_config().log_level == "debug"
    except ConfigError:
        return False
