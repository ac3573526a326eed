"""What the resources under `settings/` that are small lists have in common: each operation, written once.

Cloudflare API, "Email Security Settings". An edit that changes nothing leaves `modified_at` as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sosie.api.batch import Readers, read_batch
from sosie.api.call import IDEMPOTENCY_KEY, Call
from sosie.api.envelope import Answer
from sosie.api.errors import NoRoute
from sosie.api.impersonation_registry import DEPRECATED, MAX_SEARCH
from sosie.api.parameters import UUID, Parameter
from sosie.registry.errors import Fault, InvalidFields
from sosie.registry.fields import EXACT
from sosie.store.errors import AlreadyThere
from sosie.store.small_lists import Batch, Edit, Kept, Query, SmallList

TAG = "Email Security Settings"
SETTINGS = "/accounts/{account_id}/email-security/settings"

T = TypeVar("T", bound=Kept)


def list_parameters(key: str, *filters: Parameter) -> tuple[Parameter, ...]:
    """The query parameters of a list that can be ordered by the column `key`."""
    return (
        Parameter("page", "integer", "Page number of the results.", default=1, minimum=1, maximum=EXACT),
        Parameter("per_page", "integer", "The number of results per page. Maximum value is 1000.",
                  default=20, minimum=1, maximum=1000),
        Parameter("search", "string", "Only those that hold this text, in any case.", max_length=MAX_SEARCH),
        Parameter("order", "string", "Field to sort by; ties are in order of creation.",
                  default="created_at", choices=(key, "created_at")),
        Parameter("direction", "string", "The sorting direction.", default="asc", choices=("asc", "desc")),
        *filters,
    )  # fmt: skip


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One resource. `read_changes` and `read_replacement` give what `changed` takes beside the one that is changed."""

    kept: SmallList[T]
    parameters: Sequence[Parameter]
    to_wire: Callable[[T], dict[str, Any]]
    read_new: Callable[[Any], Any]
    read_changes: Callable[[Any], Mapping[str, Any]]
    read_replacement: Callable[[Any], Mapping[str, Any]]
    changed: Callable[[T, Mapping[str, Any]], Any]
    to_query: Callable[[Mapping[str, Any]], Query]

    async def list(self, call: Call) -> Answer:
        """A page."""
        given = call.query(self.parameters)
        page, per_page = given["page"], given["per_page"]
        query = self.to_query(given)._replace(
            search=(given["search"] or "").strip(),
            order="" if given["order"] == "created_at" else given["order"],
            descending=given["direction"] == "desc",
            offset=(page - 1) * per_page,
            most=per_page,
        )
        found = await self.kept.page(call.services.database, call.account_no, query)
        info = {
            "count": len(found.rows),
            "page": page,
            "per_page": per_page,
            "total_count": found.total,
            "total_pages": -(-found.matching // per_page),
        }
        return Answer([self.to_wire(one) for one in found.rows], info=info, headers=DEPRECATED)

    async def create(self, call: Call) -> Answer:
        """Add one; a repeated request gets the first one's."""
        fields = self.read_new(await call.json())
        deed = call.deed_once()
        repeated = (call.headers.get(b"x-stainless-retry-count") or b"0") != b"0"
        database, account_no = call.services.database, call.account_no

        async def write() -> T:
            return await database.write(
                lambda session: self.kept.create_once(session, account_no, fields, deed, repeated=repeated)
            )

        try:
            made = await write()
        except AlreadyThere:
            if deed.idempotency_key is None:
                raise
            made = await write()  # the other request with this key is done now
        if made.fields != fields:
            raise InvalidFields([Fault(IDEMPOTENCY_KEY, f"this key created another one before: {made.id}")])
        return Answer(self.to_wire(made), status=201, headers=DEPRECATED)

    async def get(self, call: Call) -> Answer:
        """One."""
        one = await self.kept.get(call.services.database.reader, call.account_no, path_id(call))
        return Answer(self.to_wire(one), headers=DEPRECATED)

    async def edit(self, call: Call) -> Answer:
        """Change the fields that are named."""
        return await self._change(call, path_id(call), self.read_changes(await call.json()))

    async def replace(self, call: Call) -> Answer:
        """Replace all fields."""
        return await self._change(call, path_id(call), self.read_replacement(await call.json()))

    async def _change(self, call: Call, identifier: str, changes: Mapping[str, Any]) -> Answer:
        edit = self._edit(identifier, changes)
        deed = call.deed()
        one = await call.services.database.write(lambda session: self.kept.edit(session, call.account_no, edit, deed))
        return Answer(self.to_wire(one), headers=DEPRECATED)

    async def delete(self, call: Call) -> Answer:
        """Remove one."""
        identifier = path_id(call)
        deed = call.deed()
        await call.services.database.write(
            lambda session: self.kept.delete(session, call.account_no, (identifier,), deed)
        )
        return Answer({"id": identifier})

    async def batch(self, call: Call) -> Answer:
        """Do several operations, all of them or none."""
        readers = Readers(self.read_changes, self.read_replacement, self.read_new)
        asked = read_batch(await call.json(), readers)
        batch = Batch(
            asked.deletes,
            [self._edit(*one) for one in asked.patches],
            [self._edit(*one) for one in asked.puts],
            asked.posts,
            pointed=True,
        )
        deed = call.deed()
        done = await call.services.database.write(
            lambda session: self.kept.apply(session, call.account_no, batch, deed)
        )
        result = {
            "deletes": [{"id": identifier} for identifier in done.deletes],
            "patches": [self.to_wire(one) for one in done.patches],
            "posts": [self.to_wire(one) for one in done.posts],
            "puts": [self.to_wire(one) for one in done.puts],
        }
        return Answer(result, headers=DEPRECATED)

    def _edit(self, identifier: str, changes: Mapping[str, Any]) -> Edit[T]:
        return Edit(identifier, lambda before: self.changed(before, changes))


def path_id(call: Call) -> str:
    """The id in the path. Raises NoRoute where it is no UUID."""
    identifier = call.path[1]
    if not UUID.fullmatch(identifier):
        raise NoRoute(call.scope["path"][:200])
    return identifier.lower()
