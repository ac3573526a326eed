"""Trusted domains: list, create, get, edit, delete, batch. Cloudflare API, "Email Security Settings"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosie.access.permissions import ANY_EMAIL, EMAIL_WRITERS
from sosie.api.parameters import Parameter
from sosie.api.routes import Route
from sosie.api.setting import SETTINGS, TAG, Setting, list_parameters
from sosie.registry.allow_policy import MAX_PATTERN
from sosie.registry.trusted_domain import TrustedDomain, changed, read_changes, read_new_trusted_domain
from sosie.store.small_lists import Query
from sosie.store.trusted_domains import TRUSTED_DOMAINS

PATH = SETTINGS + "/trusted_domains"
ITEM = PATH + "/{trusted_domain_id}"
_FILTERS = ("is_recent", "is_similarity", "pattern")

LIST_PARAMETERS = list_parameters(
    "pattern",
    Parameter("is_recent", "boolean", "Only those that may be new, or others."),
    Parameter("is_similarity", "boolean", "Only those that may look like a protected domain, or others."),
    Parameter("pattern", "string", "Only those with exactly this pattern.", max_length=MAX_PATTERN),
)


def to_wire(trusted: TrustedDomain) -> dict[str, Any]:
    """A trusted domain on the wire: every key, null where unset, in alphabetical order."""
    return dict(sorted((trusted._asdict() | {"last_modified": trusted.modified_at}).items()))


def _to_query(given: Mapping[str, Any]) -> Query:
    return Query({name: given[name] for name in _FILTERS if given[name] is not None})


def _read_replacement(document: Any) -> Mapping[str, Any]:
    return read_new_trusted_domain(document)._asdict()


DOMAINS = Setting(
    TRUSTED_DOMAINS,
    LIST_PARAMETERS,
    to_wire,
    read_new_trusted_domain,
    read_changes,
    _read_replacement,
    changed,
    _to_query,
)

ROUTES = (
    Route("GET", PATH, DOMAINS.list, "email_security_list_trusted_domains", "List trusted email domains",
          "Returns a paginated list of trusted domains: those that may be new, or look like a protected domain.",
          TAG, result="TrustedDomain", needs=ANY_EMAIL, parameters=LIST_PARAMETERS, paged=True),
    Route("POST", PATH, DOMAINS.create, "email_security_create_trusted_domain", "Create trusted email domain",
          "Trusts a domain, or those that a regular expression matches.",
          TAG, result="TrustedDomain", needs=EMAIL_WRITERS, body="NewTrustedDomain", status=201),
    Route("POST", PATH + "/batch", DOMAINS.batch, "email_security_batch_trusted_domains",
          "Batch update trusted domains",
          "Does several operations, all of them or none, in the order deletes, patches, puts, posts. All four arrays "
          "are required; send empty ones for what is not used.",
          TAG, result="TrustedDomainBatchResult", needs=EMAIL_WRITERS, body="TrustedDomainBatch"),
    Route("GET", ITEM, DOMAINS.get, "email_security_get_trusted_domain", "Get a trusted email domain",
          "Returns one trusted domain.", TAG, result="TrustedDomain", needs=ANY_EMAIL),
    Route("PATCH", ITEM, DOMAINS.edit, "email_security_update_trusted_domain", "Update a trusted email domain",
          "Only provided fields will be modified.",
          TAG, result="TrustedDomain", needs=EMAIL_WRITERS, body="TrustedDomainChanges"),
    Route("DELETE", ITEM, DOMAINS.delete, "email_security_delete_trusted_domain", "Delete a trusted email domain",
          "Removes a trusted domain; its likeness and age count again.",
          TAG, result="EntryId", needs=EMAIL_WRITERS),
)  # fmt: skip
