"""The registry's own resource: list, create, get, edit, delete. Cloudflare API, "Email Security Settings"."""

from __future__ import annotations

import re
from typing import Any

from sosie.access.permissions import ANY_EMAIL, EMAIL_WRITERS
from sosie.api.call import IDEMPOTENCY_KEY, Call
from sosie.api.envelope import Answer
from sosie.api.errors import NoRoute
from sosie.api.parameters import Parameter
from sosie.api.routes import Route
from sosie.registry.entry import Entry, changed, read_changes, read_new_entry
from sosie.registry.errors import Fault, InvalidFields
from sosie.registry.provenance import PROVENANCES, source_of
from sosie.store import entries
from sosie.store.database import Row
from sosie.store.errors import AlreadyThere
from sosie.store.pages import Listing
from sosie.store.search import search

PATH = "/accounts/{account_id}/email-security/settings/impersonation_registry"
ITEM = PATH + "/{impersonation_registry_id}"
TAG = "Email Security Settings"
MAX_DEPTH = 10_000_000  # entries a page may lie behind: past any registry, and short of what counters are for
MAX_SEARCH = 256  # characters

# `last_modified` is deprecated since a date (RFC 9745), and the end that was set for it has passed (RFC 8594).
DEPRECATED = (
    (b"deprecation", b"@1785542400"),
    (b"sunset", b"Sun, 01 Nov 2026 00:00:00 GMT"),
)

LIST_PARAMETERS = (
    Parameter("page", "integer", f"Page number of the results; at most {MAX_DEPTH:,} entries deep.",
              default=1, minimum=1, maximum=MAX_DEPTH + 1),
    Parameter("per_page", "integer", "The number of results per page. Maximum value is 1000.",
              default=20, minimum=1, maximum=1000),
    Parameter("order", "string", "Field to sort by; ties are in order of creation.",
              default="created_at", choices=("name", "email", "created_at")),
    Parameter("direction", "string", "The sorting direction.", default="asc", choices=("asc", "desc")),
    Parameter("provenance", "string", "Only entries from this source.", choices=PROVENANCES),
    Parameter("search", "string", "Only entries that hold this text in name, email or comments, in any case.",
              max_length=MAX_SEARCH),
)  # fmt: skip

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def to_wire(entry: Entry | Row) -> dict[str, Any]:
    """An entry, or a row that begins with one, on the wire: every key, null where unset, in alphabetical order."""
    identifier, name, email, is_regex, comments, directory, node, external, provenance, created, modified = entry[:11]
    return {
        "comments": comments,
        "created_at": created,
        "directory_id": directory,
        "directory_node_id": node,
        "email": email,
        "external_directory_node_id": external,
        "id": identifier,
        "is_email_regex": is_regex != 0,  # SQLite keeps booleans as numbers
        "last_modified": modified,
        "modified_at": modified,
        "name": name,
        "provenance": provenance,
    }


async def list_entries(call: Call) -> Answer:
    """A page of entries."""
    query = call.query(LIST_PARAMETERS)
    page, per_page = query["page"], query["per_page"]
    offset = (page - 1) * per_page
    if offset > MAX_DEPTH:
        last = MAX_DEPTH // per_page + 1
        raise InvalidFields([Fault("/query/page", f"page must be at most {last} where per_page is {per_page}")])
    source = None if query["provenance"] is None else source_of(query["provenance"])
    listing = Listing(call.account_no, query["order"], source)
    descending = query["direction"] == "desc"
    if query["search"] and query["search"].strip():
        found = await search(
            call.services.database,
            listing,
            query["search"].strip(),
            descending=descending,
            offset=offset,
            most=per_page,
        )
    else:
        found = await call.services.pages.read(listing, descending=descending, offset=offset, most=per_page)
    info = {"count": len(found.rows), "page": page, "per_page": per_page, "total_count": found.total}
    if found.matching is not None:
        info["total_pages"] = -(-found.matching // per_page)
    return Answer([to_wire(row) for row in found.rows], info=info, headers=DEPRECATED)


async def create_entry(call: Call) -> Answer:
    """Add an entry; a repeated request gets the first one's."""
    fields = read_new_entry(await call.json())
    deed = call.deed_once()
    repeated = (call.headers.get(b"x-stainless-retry-count") or b"0") != b"0"
    database, account_no = call.services.database, call.account_no
    try:
        entry = await database.write(
            lambda session: entries.create_once(session, account_no, fields, deed, repeated=repeated)
        )
    except AlreadyThere:
        if deed.idempotency_key is None:
            raise
        # The other request with this key is done now: this time its entry is found.
        entry = await database.write(
            lambda session: entries.create_once(session, account_no, fields, deed, repeated=repeated)
        )
    if entry.fields != fields:  # what was asked for is not there, and must not look as if it were
        raise InvalidFields([Fault(IDEMPOTENCY_KEY, f"this key created another entry before: {entry.id}")])
    return Answer(to_wire(entry), status=201, headers=DEPRECATED)


async def get_entry(call: Call) -> Answer:
    """One entry."""
    row = await entries.get_row(call.services.database.reader, call.account_no, _entry_id(call))
    return Answer(to_wire(row), headers=DEPRECATED)


async def edit_entry(call: Call) -> Answer:
    """Change the fields that are named."""
    identifier = _entry_id(call)
    changes = read_changes(await call.json())
    deed = call.deed()
    account_no = call.account_no
    entry = await call.services.database.write(
        lambda session: entries.edit(session, account_no, identifier, lambda before: changed(before, changes), deed)
    )
    return Answer(to_wire(entry), headers=DEPRECATED)


async def delete_entry(call: Call) -> Answer:
    """Remove one entry."""
    identifier = _entry_id(call)
    deed = call.deed()
    account_no = call.account_no
    await call.services.database.write(lambda session: entries.delete(session, account_no, identifier, deed))
    return Answer({"id": identifier})


def _entry_id(call: Call) -> str:
    identifier = call.path[1]
    if not _UUID.fullmatch(identifier):
        raise NoRoute(call.scope["path"][:200])
    return identifier.lower()


ROUTES = (
    Route("GET", PATH, list_entries, "email_security_list_impersonation_registry",
          "List entries in impersonation registry",
          "Returns a paginated list of protected identities. An entry is a display name and the addresses that are "
          "truly that person's, entered by hand or kept in sync from a directory.",
          TAG, result="Entry", needs=ANY_EMAIL, parameters=LIST_PARAMETERS, paged=True),
    Route("POST", PATH, create_entry, "email_security_create_impersonation_registry",
          "Create impersonation registry entry",
          "Adds an identity to protect; mail that claims its name from another address is flagged from then on.",
          TAG, result="Entry", needs=EMAIL_WRITERS, body="NewEntry", status=201),
    Route("GET", ITEM, get_entry, "email_security_get_impersonation_registry",
          "Get an impersonation registry entry", "Returns one entry.",
          TAG, result="Entry", needs=ANY_EMAIL),
    Route("PATCH", ITEM, edit_entry, "email_security_update_impersonation_registry",
          "Update an impersonation registry entry",
          "Only provided fields will be modified. Directory-synced entries can't be updated.",
          TAG, result="Entry", needs=EMAIL_WRITERS, body="EntryChanges"),
    Route("DELETE", ITEM, delete_entry, "email_security_delete_impersonation_registry",
          "Delete an impersonation registry entry",
          "Removes an identity; it is no longer protected from impersonation.",
          TAG, result="EntryId", needs=EMAIL_WRITERS),
)  # fmt: skip
