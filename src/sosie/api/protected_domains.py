"""Protected domains: list, create, get, edit, replace, delete, batch, verification. Cloudflare API, "Email Security
Settings"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosie.access.permissions import ANY_EMAIL, EMAIL_WRITERS
from sosie.api.batch import MAX_OPERATIONS, read_id
from sosie.api.call import Call
from sosie.api.envelope import Answer
from sosie.api.parameters import Parameter
from sosie.api.routes import Route
from sosie.api.setting import SETTINGS, TAG, Setting, list_parameters, path_id
from sosie.registry.domain import MAX_DOMAIN
from sosie.registry.errors import Fault, InvalidFields
from sosie.registry.protected_domain import (
    DELIVERY_MODES,
    ProtectedDomain,
    changed,
    read_changes,
    read_new_domain,
    read_replacement,
)
from sosie.store.protected_domains import PROTECTED_DOMAINS
from sosie.store.small_lists import Query

PATH = SETTINGS + "/domains"
ITEM = PATH + "/{domain_id}"
# The wire has both cases of these: small letters in the description, capitals in the SDKs.
STATUSES = ("pending", "active", "failed", "timeout", "null")

LIST_PARAMETERS = list_parameters(
    "domain",
    Parameter("allowed_delivery_mode", "string", "Only domains with this mode.", choices=DELIVERY_MODES),
    Parameter("active_delivery_mode", "string", "The same: every mode that is allowed counts as active.",
              choices=DELIVERY_MODES),
    Parameter("domain", "string", "Only these domains; may be repeated.", max_length=MAX_DOMAIN, many=True),
    Parameter("integration_id", "string", "Only domains with this integration.", is_uuid=True),
    Parameter("status", "string", "Only domains with this status, which is null for all of them.", choices=STATUSES),
)  # fmt: skip

# What a service that delivers the mail, and asks DNS, would know. `authorization` and `emails_processed` cannot be null
# on the wire, and are absent.
_NOT_KNOWN = {
    "dmarc_status": None,
    "inbox_provider": None,
    "o365_tenant_id": None,
    "spf_status": None,
    "status": None,
}
_NEVER_NULL = frozenset(("lookback_hops", "transport"))  # on the wire: absent where unset


def to_wire(domain: ProtectedDomain) -> dict[str, Any]:
    """A domain on the wire, keys in alphabetical order."""
    wire = domain._asdict() | {"last_modified": domain.modified_at} | _NOT_KNOWN
    return {name: value for name, value in sorted(wire.items()) if value is not None or name not in _NEVER_NULL}


def _to_query(given: Mapping[str, Any]) -> Query:
    modes = {given[name] for name in ("allowed_delivery_mode", "active_delivery_mode")} - {None}
    equal: dict[str, Any] = {}
    if given["integration_id"] is not None:
        equal["integration_id"] = given["integration_id"]
    among: dict[str, Any] = {"domain": given["domain"]} if given["domain"] else {}
    if given["status"] not in (None, "null"):
        among["id"] = ()  # nothing has it
    return Query(equal, among, [("allowed_delivery_modes", mode) for mode in modes])


DOMAINS = Setting(
    PROTECTED_DOMAINS, LIST_PARAMETERS, to_wire, read_new_domain, read_changes, read_replacement, changed, _to_query
)


async def delete_domains(call: Call) -> Answer:
    """Remove the domains that the body names. Without a body nothing is removed: not everything."""
    has_body = call.headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in call.headers
    document = await call.json() if has_body else []
    identifiers = _read_ids(document)
    deed = call.deed()
    if identifiers:
        await call.services.database.write(
            lambda session: DOMAINS.kept.delete(session, call.account_no, identifiers, deed)
        )
    return Answer([{"id": identifier} for identifier in identifiers])


async def get_verification(call: Call) -> Answer:
    """204: no TXT record has to be published, because nothing is verified by DNS."""
    await DOMAINS.kept.get(call.services.database.reader, call.account_no, path_id(call))
    return Answer(None, status=204)


def _read_ids(document: Any) -> list[str]:
    if type(document) is not list or len(document) > MAX_OPERATIONS:
        raise InvalidFields([Fault("", f"the body must be an array of at most {MAX_OPERATIONS} objects with an id")])
    identifiers: list[str] = []
    faults: list[Fault] = []
    for place, one in enumerate(document):
        try:
            identifiers.append(read_id(one))
        except InvalidFields as error:
            faults.extend(Fault(f"/{place}{fault.pointer}", fault.message) for fault in error.faults)
    if faults:
        raise InvalidFields(faults)
    return identifiers


ROUTES = (
    Route("GET", PATH, DOMAINS.list, "email_security_list_domains", "List protected email domains",
          "Returns a paginated list of the account's own domains, which look-alikes are measured against.",
          TAG, result="ProtectedDomain", needs=ANY_EMAIL, parameters=LIST_PARAMETERS, paged=True),
    Route("POST", PATH, DOMAINS.create, "email_security_create_domains", "Protect new email domain",
          "Adds a domain of the account's own. How its mail is delivered is kept and answered only.",
          TAG, result="ProtectedDomain", needs=EMAIL_WRITERS, body="NewProtectedDomain", status=201),
    Route("DELETE", PATH, delete_domains, "email_security_delete_domains", "Unprotect multiple email domains",
          "Removes the domains whose ids the body names: an array of objects with `id`. Without a body nothing is "
          "removed. Use the batch instead.",
          TAG, result="EntryId", needs=EMAIL_WRITERS, many=True, deprecated=True),
    Route("POST", PATH + "/batch", DOMAINS.batch, "email_security_batch_domains", "Batch update email domains",
          "Does several operations, all of them or none, in the order deletes, patches, puts, posts. All four arrays "
          "are required; send empty ones for what is not used.",
          TAG, result="ProtectedDomainBatchResult", needs=EMAIL_WRITERS, body="ProtectedDomainBatch"),
    Route("GET", ITEM, DOMAINS.get, "email_security_get_domain", "Get an email domain",
          "Returns one domain.", TAG, result="ProtectedDomain", needs=ANY_EMAIL),
    Route("PATCH", ITEM, DOMAINS.edit, "email_security_update_domain", "Update an email domain",
          "Only provided fields will be modified. The name cannot be.",
          TAG, result="ProtectedDomain", needs=EMAIL_WRITERS, body="ProtectedDomainChanges"),
    Route("PUT", ITEM, DOMAINS.replace, "email_security_replace_domain", "Replace an email domain",
          "Replaces all fields but the name; what the body does not name is unset.",
          TAG, result="ProtectedDomain", needs=EMAIL_WRITERS, body="ProtectedDomainReplacement"),
    Route("DELETE", ITEM, DOMAINS.delete, "email_security_delete_domain", "Unprotect an email domain",
          "Removes a domain; look-alikes of it are no longer looked for.",
          TAG, result="EntryId", needs=EMAIL_WRITERS),
    Route("GET", ITEM + "/verification", get_verification, "email_security_get_domain_verification",
          "Get domain verification details", "Answers 204: no TXT record is needed, because DNS is not asked.",
          TAG, needs=ANY_EMAIL, status=204),
)  # fmt: skip
