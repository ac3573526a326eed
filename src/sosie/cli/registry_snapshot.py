"""What messages are judged by in commands that run without a server: the registry of a file, or the database's."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import click

from sosie.cli.options import Common
from sosie.cli.output import note
from sosie.detection.history import Acquaintance, History
from sosie.detection.index import Index
from sosie.screening.contents import Contents, Rules
from sosie.screening.snapshot import Snapshot
from sosie.store.changes import Mark

if TYPE_CHECKING:
    from sosie.screening.index_file import IndexFile


class Loaded(NamedTuple):
    """A snapshot, and what it was made of."""

    snapshot: Snapshot
    contents: Contents
    history: History

    def names(self) -> dict[str, str]:
        """The names of all entries by their ids."""
        return {identity.entry_id: identity.name for identity in self.contents.identities}


def load_registry_snapshot(registry: str, history: str | None, authserv_ids: tuple[str, ...]) -> Loaded:
    """From files: see `sosie screen`. Raises OSError, ClickException."""
    from sosie.cli.document import read_document
    from sosie.screening.snapshot import snapshot_with

    index = _index_of(registry, read_document(registry))
    contents = Contents(0, 0, Mark(), tuple(index.identities()), Rules())
    known = History(_acquaintances(history) if history is not None else [])
    believed = frozenset(authserv_ids)
    return Loaded(snapshot_with(contents, index, known, believed, ()), contents, known)


def load_database_snapshot(common: Common, authserv_ids: tuple[str, ...]) -> Loaded:
    """From the database. Raises ClickException and what the database does."""
    from sosie.cli.database import Ground, run
    from sosie.config import read_config
    from sosie.screening.reading import load_contents
    from sosie.screening.snapshot import made_of

    async def work(ground: Ground) -> tuple[Contents, History]:
        account = await ground.account(common.account_id)
        return await load_contents(ground.database, account.no)

    contents, known = run(work)
    snapshot = made_of(contents, known, frozenset(authserv_ids) | read_config().authserv_ids)
    if snapshot.unusable:
        note(
            f"sosie: {len(snapshot.unusable)} entries break today's rules and protect nobody: {snapshot.unusable[0]} …"
        )
    return Loaded(snapshot, contents, known)


def _index_of(registry: str, document: bytes) -> Index:
    """The index of a registry's entries, whose ids are their places from 1; kept for the next time if all are good."""
    from sosie.screening import index_file

    file = _place_for(document)
    if file is not None and (kept := index_file.read(file)) is not None:
        return kept
    from sosie.cli.registry_file import read_registry
    from sosie.detection.identity import Identity
    from sosie.registry.entry import Entry

    entries, bad = read_registry(registry, document)
    index = Index(
        Identity.from_entry(Entry(f"{place:032x}", *fields, created_at="", modified_at=""))
        for place, fields in enumerate(entries, 1)
    )
    index.prepare()
    if file is not None and not bad:  # of bad rows one is told every time
        with suppress(OSError):
            index_file.write(file, index)
    return index


def _place_for(document: bytes) -> IndexFile | None:
    """Where the index of a registry is kept; None where nothing can be."""
    from sosie.config import ConfigError, read_config
    from sosie.screening import index_file

    try:
        return index_file.file_of(read_config().snapshot_dir, document)
    except (ConfigError, OSError):
        return None


def _acquaintances(file: str) -> list[Acquaintance]:
    from sosie.cli.document import read_document
    from sosie.cli.history_file import UnusableLine, read_history

    try:
        return read_history(read_document(file))
    except UnusableLine as error:
        raise click.ClickException(f"{file}:{error.line}: {error}") from None
