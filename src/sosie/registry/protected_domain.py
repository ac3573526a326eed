"""The protected domain: one of the account's own. What looks like it, or claims to be it, is judged against it.

Wire facts: Cloudflare API, "Create an email domain" (`email_security_create_domains`). How mail is delivered is
kept and answered, for the clients that write it; nothing here depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sosie.registry.domain import MAX_DOMAIN, DomainError, compared_domain, read_domain
from sosie.registry.errors import Fault, InvalidFields
from sosie.registry.fields import Field, read_fields
from sosie.registry.network import NetworkError, read_network

DELIVERY_MODES = ("DIRECT", "BCC", "JOURNAL", "API", "RETRO_SCAN")
DISPOSITIONS = ("MALICIOUS", "MALICIOUS-BEC", "SUSPICIOUS", "SPOOF", "SPAM", "BULK", "ENCRYPTED", "EXTERNAL",
                "UNKNOWN", "NONE")  # fmt: skip
REGIONS = ("GLOBAL", "AU", "DE", "IN", "US")
FOLDERS = ("AllItems", "Inbox")
MAX_CHOSEN = 10  # modes, dispositions or regions: the wire's own limit
MAX_RESTRICTIONS = 100  # the wire's own
MAX_NETWORK = 64  # characters: the longest IPv6 block has 43
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_DOMAIN = Field("domain", "string", "The email domain to protect.",
                required=True, not_blank=True, max_length=MAX_DOMAIN, example="example.com")  # fmt: skip
# All but the name, which does not change: the fields of a replacement.
MUTABLE = (
    Field("allowed_delivery_modes", "array", "How mail for the domain comes in. Kept and answered only.",
          required=True, choices=DELIVERY_MODES, min_items=1, max_items=MAX_CHOSEN, example=["DIRECT"]),
    Field("drop_dispositions", "array", "Dispositions to drop instead of delivering. Kept and answered only.",
          required=True, choices=DISPOSITIONS, max_items=MAX_CHOSEN, example=["MALICIOUS"]),
    Field("ip_restrictions", "array", "Where mail is accepted from. Kept and answered only.",
          required=True, max_length=MAX_NETWORK, max_items=MAX_RESTRICTIONS, example=["192.0.2.0/24", "2001:db8::/32"]),
    Field("regions", "array", "Regions that mail is processed in. Kept and answered only.",
          required=True, choices=REGIONS, min_items=1, max_items=MAX_CHOSEN, example=["GLOBAL"]),
    Field("folder", "string", "The folder of mailboxes to look at. Kept and answered only.",
          nullable=True, choices=FOLDERS),
    Field("integration_id", "string", "Identifier (UUID) of an integration. Kept and answered only.",
          nullable=True, max_length=36),
    Field("lookback_hops", "integer", "Hops to go back through Received fields. Kept and answered only.",
          nullable=True, minimum=1, maximum=20),
    Field("require_tls_inbound", "boolean", "Kept and answered only.", nullable=True),
    Field("require_tls_outbound", "boolean", "Kept and answered only.", nullable=True),
    Field("transport", "string", "The host to which mail is delivered. Kept and answered only.",
          nullable=True, max_length=MAX_DOMAIN),
)  # fmt: skip
FIELDS = (_DOMAIN, *MUTABLE)


class ProtectedDomainFields(NamedTuple):
    """What a person writes into a protected domain, all rules kept."""

    domain: str
    allowed_delivery_modes: tuple[str, ...]
    drop_dispositions: tuple[str, ...]
    ip_restrictions: tuple[str, ...]
    regions: tuple[str, ...]
    folder: str | None = None
    integration_id: str | None = None
    lookback_hops: int | None = None
    require_tls_inbound: bool | None = None
    require_tls_outbound: bool | None = None
    transport: str | None = None


class ProtectedDomain(NamedTuple):
    """A protected domain as it is kept. Times are RFC 3339 in UTC with microseconds, ending in Z."""

    id: str
    domain: str
    allowed_delivery_modes: tuple[str, ...]
    drop_dispositions: tuple[str, ...]
    ip_restrictions: tuple[str, ...]
    regions: tuple[str, ...]
    folder: str | None
    integration_id: str | None
    lookback_hops: int | None
    require_tls_inbound: bool | None
    require_tls_outbound: bool | None
    transport: str | None
    created_at: str
    modified_at: str

    @property
    def fields(self) -> ProtectedDomainFields:
        """The part that a person writes."""
        return ProtectedDomainFields(*self[1:12])


def read_new_domain(document: Any) -> ProtectedDomainFields:
    """The fields of a domain to protect; other keys are faults here. Raises InvalidFields."""
    return ProtectedDomainFields(**read_fields(FIELDS, document, rule=_faults, closed=True))


def read_replacement(document: Any) -> dict[str, Any]:
    """All fields of a replacement; what it does not name is unset. Raises InvalidFields."""
    unset = {field.name: None for field in MUTABLE}
    return unset | read_fields(MUTABLE, document, rule=_faults) | _name(document)


def read_changes(document: Any) -> dict[str, Any]:
    """The fields that an edit names, which may be none. Raises InvalidFields."""
    if document == {}:
        return {}
    return read_fields(MUTABLE, document, partial=True, rule=_faults) | _name(document)


def changed(domain: ProtectedDomain, changes: Mapping[str, Any]) -> ProtectedDomainFields:
    """The fields of `domain` after an edit. Its name may be repeated, not changed. Raises InvalidFields."""
    if changes.get("domain", domain.domain) != domain.domain:
        raise InvalidFields([Fault("/domain", "domain cannot be changed: delete this one and create the other")])
    return domain.fields._replace(**changes)


def _name(document: Mapping[str, Any]) -> dict[str, Any]:
    return {"domain": document["domain"]} if document.get("domain") is not None else {}


def _faults(values: Mapping[str, Any]) -> list[Fault]:
    faults = []
    if "domain" in values:
        try:
            read_domain(values["domain"])
        except DomainError as error:
            faults.append(Fault("/domain", f"domain {error}"))
    for place, text in enumerate(values.get("ip_restrictions", ())):
        try:
            read_network(text)
        except NetworkError as error:
            faults.append(Fault(f"/ip_restrictions/{place}", f"ip_restrictions: {error}"))
    if values.get("integration_id") is not None and not _UUID.fullmatch(values["integration_id"]):
        faults.append(Fault("/integration_id", "integration_id must be a UUID"))
    return faults


class ProtectedDomains:
    """An account's own domains. `names` are in the form in which domains are compared."""

    def __init__(self, domains: Iterable[ProtectedDomain]) -> None:
        self.names = frozenset(read_domain(one.domain) for one in domains)

    def above(self, domain: str) -> str | None:
        """The nearest protected domain that `domain` is or lies beneath."""
        name = compared_domain(domain)
        while name and name not in self.names:
            name = name.partition(".")[2]
        return name or None
