"""Small lists: what an account has at most some thousands of, read whole to judge by it. Each noun gives its table.

A list is short enough to be filtered, searched and put into order as a page is asked for: 10,000 rows take some
milliseconds. That is why there is a limit, and why there are none of the registry's indexes and remembered places.

A write takes one turn of the account's row, whatever it does, so that a batch is one revision.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import orjson

from sosie.mail.fact import fact
from sosie.registry.errors import Fault, InvalidFields, SettingNotFound
from sosie.registry.moments import entry_id, to_rfc3339
from sosie.store import accounts, audit
from sosie.store.accounts import Turn
from sosie.store.audit import Change, Deed
from sosie.store.database import Database, Row, Session
from sosie.store.entries import NUMBER_BITS, RETRY_SECONDS

MAX_ROWS = 10_000  # of one list in one account: a page of them takes some milliseconds, a snapshot some megabytes
# Regular expressions among them. They run as one automaton, at a microsecond a text; but the worst 100 that could be
# found ("any letters, an a, then thirty more") take 7 ms for a text of 300 letters, and a message has several texts.
MAX_PATTERNS = 250


class Kept(Protocol):
    """One of a list: a NamedTuple of `id`, what a person writes (`fields`), `created_at` and `modified_at`."""

    @property
    def id(self) -> str:
        """A UUID."""

    @property
    def created_at(self) -> str:
        """When."""

    @property
    def fields(self) -> Any:
        """What a person writes, as a NamedTuple."""

    def _asdict(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=Kept)


class Query(NamedTuple):
    """What a page is asked for. `equal`: columns and their values; `among`: a column and the values it may have;
    `holding`: columns of several values and one that they hold; `order` is a column, or nothing for age."""

    equal: Mapping[str, Any]
    among: Mapping[str, Sequence[str]] = {}
    holding: Sequence[tuple[str, str]] = ()
    search: str = ""
    order: str = ""
    descending: bool = False
    offset: int = 0
    most: int = 20


class Found(NamedTuple, Generic[T]):
    """A page: `matching` fit the query, of `total` in the account."""

    rows: list[T]
    matching: int
    total: int


class Edit(NamedTuple, Generic[T]):
    """Replace the fields of the one with this id by what `change` makes of it."""

    id: str
    change: Callable[[T], Any]


class Batch(NamedTuple, Generic[T]):
    """Operations in the order in which they are done. With `pointed`, what fails says where in the batch it stands."""

    deletes: Sequence[str] = ()
    patches: Sequence[Edit[T]] = ()
    puts: Sequence[Edit[T]] = ()
    posts: Sequence[Any] = ()
    pointed: bool = False


class Done(NamedTuple, Generic[T]):
    """What a batch did."""

    deletes: list[str]
    patches: list[T]
    puts: list[T]
    posts: list[T]


@dataclass(frozen=True)
class SmallList(Generic[T]):
    """One noun's list. `noun` names it in the audit, `title` for people; `searched` are the columns of search."""

    noun: str
    title: str
    table: str
    kind: Callable[..., T]
    columns: tuple[str, ...]
    searched: tuple[str, ...]
    booleans: frozenset[str] = frozenset()
    arrays: frozenset[str] = frozenset()

    @fact
    def _selected(self) -> str:
        return ", ".join(self.columns)

    def _from_row(self, row: Row) -> T:
        values = dict(zip(self.columns, row, strict=True))
        for name in self.booleans:
            if values[name] is not None:
                values[name] = values[name] != 0  # SQLite keeps booleans as numbers
        for name in self.arrays:
            values[name] = tuple(orjson.loads(values[name]))
        return self.kind(**values)

    def to_row(self, one: T) -> list[Any]:
        """The values of `columns` and of search_text."""
        values = one._asdict()
        for name in self.arrays:
            values[name] = orjson.dumps(values[name]).decode()
        text = "\n".join(values[name] or "" for name in self.searched).casefold()
        return [*(values[name] for name in self.columns), text]

    def _from_audit(self, after: Mapping[str, Any]) -> T:
        return self.kind(**{name: tuple(value) if name in self.arrays else value for name, value in after.items()})

    async def read_all(self, session: Session, account_no: int) -> list[T]:
        """All of the account, in order of creation."""
        sql = f"SELECT {self._selected} FROM {self.table} WHERE account_no = $1 ORDER BY pk"
        return [self._from_row(row) for row in await session.fetch(sql, account_no)]

    async def get(self, session: Session, account_no: int, identifier: str) -> T:
        """One. Raises SettingNotFound."""
        sql = f"SELECT {self._selected} FROM {self.table} WHERE account_no = $1 AND id = $2"
        row = await session.fetch_one(sql, account_no, identifier)
        if row is None:
            raise SettingNotFound(self.title)
        return self._from_row(row)

    async def page(self, database: Database, account_no: int, query: Query) -> Found[T]:
        """At most `query.most` from `query.offset` on; ties in order of creation."""
        where, values = _condition(query, database.dialect)
        ways = " DESC" if query.descending else ""
        order = (f"{query.order}{ways}, " if query.order else "") + f"pk{ways}"
        counted = f"SELECT count(*), count(*) FILTER (WHERE {where}) FROM {self.table} WHERE account_no = $1"
        place = len(values) + 2
        shown = (
            f"SELECT {self._selected} FROM {self.table} WHERE account_no = $1 AND {where} "
            f"ORDER BY {order} LIMIT ${place} OFFSET ${place + 1}"
        )

        async def work(session: Session) -> Found[T]:
            counts = await session.fetch_one(counted, account_no, *values)
            total, matching = counts if counts is not None else (0, 0)
            rows: Sequence[Row] = []
            if matching > query.offset:
                rows = await session.fetch(shown, account_no, *values, query.most, query.offset)
            return Found([self._from_row(row) for row in rows], matching, total)

        return await (database.scan(work) if query.search else database.snapshot(work))

    async def create_once(self, session: Session, account_no: int, fields: Any, deed: Deed, *, repeated: bool) -> T:
        """Add one, unless the same caller has done just that: as `entries.create_once`.

        Raises InvalidFields where the list is full.
        """
        if deed.idempotency_key is not None:
            # Keys of clients are ASCII, so one of an entry or of another list is never taken for this one's.
            deed = deed._replace(idempotency_key=f"{self.noun}·{deed.idempotency_key}")
        if repeated or deed.idempotency_key is not None:
            await accounts.lock(session, account_no)
            earlier = await self._earlier(session, account_no, fields, deed)
            if earlier is not None:
                return earlier
        done = await self.apply(session, account_no, Batch(posts=(fields,)), deed)
        return done.posts[0]

    async def _earlier(self, session: Session, account_no: int, fields: Any, deed: Deed) -> T | None:
        if deed.idempotency_key is not None:
            found = await audit.named(session, account_no, deed)
            return None if found is None else self._from_audit(found[1])
        since = to_rfc3339(deed.moment_us - RETRY_SECONDS * 1_000_000)
        for _, after in await audit.recent(session, account_no, deed.actor, f"{self.noun}.create", since):
            if (one := self._from_audit(after)).fields == fields:
                return one
        return None

    async def edit(self, session: Session, account_no: int, edit: Edit[T], deed: Deed) -> T:
        """Change one. Raises SettingNotFound, and what its change raises."""
        return (await self.apply(session, account_no, Batch(patches=(edit,)), deed)).patches[0]

    async def delete(self, session: Session, account_no: int, identifiers: Sequence[str], deed: Deed) -> None:
        """Remove some. Raises SettingNotFound if one is not there."""
        await self.apply(session, account_no, Batch(deletes=identifiers), deed)

    async def apply(self, session: Session, account_no: int, batch: Batch[T], deed: Deed) -> Done[T]:
        """Do all of a batch: one revision, an audit record for each operation. What it raises undoes the whole write:
        SettingNotFound, InvalidFields (the list is full), and what the changes raise."""
        turn = await accounts.take_turn(session, account_no, deed.moment_us, entries=len(batch.posts))
        if len(batch.posts) != 1:
            deed = deed._replace(idempotency_key=None)
        writing = _Writing(self, session, account_no, turn, deed)
        where = "/{}/{}" if batch.pointed else ""
        deletes = [await writing.delete(one, where.format("deletes", at)) for at, one in enumerate(batch.deletes)]
        patches = [await writing.edit(one, where.format("patches", at)) for at, one in enumerate(batch.patches)]
        puts = [await writing.edit(one, where.format("puts", at)) for at, one in enumerate(batch.puts)]
        posts = await writing.create(batch.posts)
        if posts or patches or puts:
            await self._refuse_too_many(session, account_no)
        return Done(deletes, patches, puts, posts)

    async def _refuse_too_many(self, session: Session, account_no: int) -> None:
        patterns = "count(*) FILTER (WHERE is_regex)" if "is_regex" in self.columns else "0"
        sql = f"SELECT count(*), {patterns} FROM {self.table} WHERE account_no = $1"
        counts = await session.fetch_one(sql, account_no)
        held, expressions = counts if counts is not None else (0, 0)
        if held > MAX_ROWS:
            raise InvalidFields([Fault("", f"an account has at most {MAX_ROWS:,} of these: delete some first")])
        if expressions > MAX_PATTERNS:
            message = f"an account has at most {MAX_PATTERNS} regular expressions here: delete some first"
            raise InvalidFields([Fault("", message)])


class _Writing(Generic[T]):
    """One write of one account, its turn taken."""

    def __init__(self, kept: SmallList[T], session: Session, account_no: int, turn: Turn, deed: Deed) -> None:
        self._kept = kept
        self._session = session
        self._account_no = account_no
        self._turn = turn
        self._deed = deed

    async def create(self, many: Sequence[Any]) -> list[T]:
        """Add some, each at a moment of its own."""
        number = self._turn.last_entry - len(many)
        moment = self._turn.last_moment - len(many)
        made: list[T] = []
        rows = []
        for place, fields in enumerate(many, 1):
            at = to_rfc3339(moment + place)
            one = self._kept.kind(entry_id(moment + place, os.urandom(8)), *fields, at, at)
            made.append(one)
            rows.append((self._account_no << NUMBER_BITS | number + place, self._account_no, *self._kept.to_row(one)))
        names = ("pk", "account_no", *self._kept.columns, "search_text")
        places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
        insert = f"INSERT INTO {self._kept.table} ({', '.join(names)}) VALUES ({places})"
        if rows:
            await self._session.execute_many(insert, rows)
        for one in made:
            await self._record("create", one.id, None, one)
        return made

    async def edit(self, edit: Edit[T], pointer: str) -> T:
        before = await self._read(edit.id, pointer)
        try:
            fields = edit.change(before)
        except InvalidFields as error:
            raise InvalidFields([Fault(pointer + fault.pointer, fault.message) for fault in error.faults]) from None
        if fields == before.fields:
            return before
        at = to_rfc3339(self._turn.last_moment)
        after = self._kept.kind(before.id, *fields, before.created_at, at)
        names = (*self._kept.columns, "search_text")
        changes = ", ".join(f"{name} = ${n}" for n, name in enumerate(names, 3))
        update = f"UPDATE {self._kept.table} SET {changes} WHERE account_no = $1 AND id = $2"
        await self._session.execute(update, self._account_no, edit.id, *self._kept.to_row(after))
        await self._record("edit", edit.id, before, after)
        return after

    async def delete(self, identifier: str, pointer: str) -> str:
        before = await self._read(identifier, pointer)
        delete = f"DELETE FROM {self._kept.table} WHERE account_no = $1 AND id = $2"
        await self._session.execute(delete, self._account_no, identifier)
        await self._record("delete", identifier, before, None)
        return identifier

    async def _read(self, identifier: str, pointer: str) -> T:
        try:
            return await self._kept.get(self._session, self._account_no, identifier)
        except SettingNotFound as error:
            raise SettingNotFound(error.noun, f"{pointer}/id" if pointer else "") from None

    async def _record(self, verb: str, identifier: str, before: T | None, after: T | None) -> None:
        change = Change(
            f"{self._kept.noun}.{verb}",
            identifier,
            None if before is None else before._asdict(),
            None if after is None else after._asdict(),
        )
        at = to_rfc3339(self._turn.last_moment)
        await audit.record(self._session, self._account_no, self._turn.revision, at, self._deed, change)


def _condition(query: Query, dialect: str) -> tuple[str, list[Any]]:
    """An SQL condition of values from $2 on, and the values."""
    contains = "instr({}, ${}) > 0" if dialect == "sqlite" else "strpos({}, ${}) > 0"
    parts = []
    values: list[Any] = []
    for column, value in query.equal.items():
        values.append(value)
        parts.append(f"{column} = ${len(values) + 1}")
    for column, choices in query.among.items():
        places = ", ".join(f"${n}" for n in range(len(values) + 2, len(values) + 2 + len(choices)))
        values += choices
        parts.append(f"{column} IN ({places})" if choices else "1 = 0")
    for column, value in query.holding:
        values.append(f'"{value}"')
        parts.append(contains.format(column, len(values) + 1))
    if query.search:
        values.append(query.search.casefold())
        parts.append(contains.format("search_text", len(values) + 1))
    return " AND ".join(parts) or "1 = 1", values
