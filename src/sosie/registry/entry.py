"""The entry: a display name and the addresses that are truly that person's. Its field table and its rules.

Wire facts: Cloudflare API, "Create impersonation registry entry" (name at most 1024 characters; the other limits are
ours, each with its argument beside it).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sosie.registry.email_pattern import EmailPattern, EmailPatternError
from sosie.registry.errors import DirectorySynced, Fault, InvalidFields
from sosie.registry.fields import Field, read_fields
from sosie.registry.provenance import A1S_INTERNAL, PROVENANCES, is_directory_synced

MAX_NAME = 1024  # characters; the wire's own limit
MAX_EMAIL = 8192  # bytes: 100 addresses of 80, or a pattern longer than anybody reads
MAX_COMMENTS = 8192  # bytes: a page of text
MAX_EXTERNAL_ID = 1024  # characters; Microsoft 365 and Google use fewer than 100

FIELDS = (
    Field("name", "string", "Display name of the protected identity.",
          required=True, not_blank=True, max_length=MAX_NAME, example="John Doe"),
    Field("email", "string",
          "Email address of the protected identity: one, or several separated by commas (at most 100); or, if "
          "`is_email_regex` is true, a regular expression in Java syntax that is matched with the whole address.",
          required=True, not_blank=True, max_bytes=MAX_EMAIL, example="john.doe@example.com"),
    Field("is_email_regex", "boolean", "Whether `email` is a regular expression instead of a literal address.",
          required=True, example=False),
    Field("comments", "string", "Optional note describing the entry.", nullable=True, max_bytes=MAX_COMMENTS),
    Field("directory_id", "integer", "Identifier of the directory the entry was synced from, when directory-synced.",
          nullable=True),
    Field("directory_node_id", "integer", "Identifier of the node in that directory.", nullable=True),
    Field("external_directory_node_id", "string", "Identifier that the directory itself gives the node.",
          nullable=True, max_length=MAX_EXTERNAL_ID, deprecated=True),
    Field("provenance", "string", "Source the entry was created from.", nullable=True, choices=PROVENANCES,
          example=A1S_INTERNAL),
)  # fmt: skip


class EntryFields(NamedTuple):
    """What a person writes into an entry, all rules kept."""

    name: str
    email: str
    is_email_regex: bool
    comments: str | None = None
    directory_id: int | None = None
    directory_node_id: int | None = None
    external_directory_node_id: str | None = None
    provenance: str | None = A1S_INTERNAL


class Entry(NamedTuple):
    """An entry as it is kept. Times are RFC 3339 in UTC with microseconds, ending in Z."""

    id: str
    name: str
    email: str
    is_email_regex: bool
    comments: str | None
    directory_id: int | None
    directory_node_id: int | None
    external_directory_node_id: str | None
    provenance: str | None
    created_at: str
    modified_at: str

    @property
    def fields(self) -> EntryFields:
        """The part that a person writes."""
        return EntryFields(*self[1:9])


def read_new_entry(document: Any) -> EntryFields:
    """The fields of an entry to create. Raises InvalidFields."""
    return EntryFields(**read_fields(FIELDS, document, rule=_email_faults))


def read_changes(document: Any) -> dict[str, Any]:
    """The fields that an edit names, each checked alone. Raises InvalidFields."""
    return read_fields(FIELDS, document, partial=True)


def changed(entry: Entry, changes: dict[str, Any]) -> EntryFields:
    """The fields of `entry` after an edit; fields that are not named stay.

    Raises DirectorySynced for an entry of a directory, InvalidFields where the outcome breaks a rule.
    """
    if is_directory_synced(entry.provenance):
        raise DirectorySynced(entry.id)
    fields = entry.fields._replace(**changes)
    if faults := _email_faults(fields._asdict()):
        raise InvalidFields(faults)
    return fields


def _email_faults(values: Mapping[str, Any]) -> list[Fault]:
    if "email" not in values or "is_email_regex" not in values:
        return []
    try:
        EmailPattern.from_text(values["email"], is_regex=values["is_email_regex"])
    except EmailPatternError as error:
        return [Fault("/email", f"email {error}")]
    return []
