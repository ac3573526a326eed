"""The body that makes or replaces an API token: name, policies, condition and times, with every fault named.

Cloudflare API, "Account API Tokens". Policies are answered in the order given (Terraform compares them so), with ids of
our making.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from sosie.access.permissions import BY_ID
from sosie.access.policies import ALL_ACCOUNTS, Policy, account_resource
from sosie.access.tokens import ACTIVE, DISABLED, EXPIRED, MAX_NETWORKS, Condition
from sosie.registry.errors import Fault
from sosie.registry.fields import Field, read_fields
from sosie.registry.moments import from_rfc3339

MAX_POLICIES = 20
MAX_GROUPS = 50
MAX_NETWORK = 64  # characters; the longest there is has 43, and 18 more with a zone

FIELDS = (
    Field("name", "string", "Token name.", required=True, not_blank=True, max_length=120, example="readonly token"),
    Field("status", "string", "Status of the token.", choices=(ACTIVE, DISABLED, EXPIRED), example=ACTIVE),
    Field("not_before", "string", "The time before which the token is not accepted.", nullable=True, max_length=40,
          example="2026-07-01T05:20:00Z"),
    Field("expires_on", "string", "The time from which on the token is not accepted.", nullable=True, max_length=40,
          example="2030-01-01T00:00:00Z"),
)  # fmt: skip


class TokenBody(NamedTuple):
    """What a client may say of a token, all rules kept. `status` is None where it is not named."""

    name: str
    status: str | None
    policies: tuple[Policy, ...]
    condition: Condition | None
    not_before: str | None
    expires_on: str | None


def read_token_body(document: Any, account_id: str) -> TokenBody:
    """Read the body of a create or a replacement. Raises InvalidFields with one Fault per invalid field."""
    rest: dict[str, Any] = {}

    def rule(values: Mapping[str, Any]) -> list[Fault]:
        faults: list[Fault] = []
        rest["policies"] = _policies(document.get("policies"), account_id, faults)
        rest["condition"] = _condition(document.get("condition"), faults)
        times = {name: _time(name, values.get(name), faults) for name in ("not_before", "expires_on")}
        if times["not_before"] and times["expires_on"] and times["expires_on"] <= times["not_before"]:
            faults.append(Fault("/expires_on", "expires_on must be later than not_before"))
        rest.update(times)
        return faults

    values = read_fields(FIELDS, document, rule=rule)
    status = values.get("status")
    return TokenBody(values["name"], status if status != EXPIRED else None, **rest)


def _time(name: str, text: str | None, faults: list[Fault]) -> str | None:
    if text is None:
        return None
    try:
        return from_rfc3339(text)
    except (ValueError, OverflowError) as error:
        faults.append(Fault(f"/{name}", f"{name} must be a date-time: {error}"))
        return None


def _policies(documents: Any, account_id: str, faults: list[Fault]) -> tuple[Policy, ...]:
    if not isinstance(documents, list) or not 0 < len(documents) <= MAX_POLICIES:
        faults.append(Fault("/policies", f"policies must be an array of 1 to {MAX_POLICIES} policies"))
        return ()
    return tuple(
        _policy(document, f"/policies/{place}", account_id, faults) for place, document in enumerate(documents)
    )


def _policy(document: Any, pointer: str, account_id: str, faults: list[Fault]) -> Policy:
    if not isinstance(document, Mapping):
        faults.append(Fault(pointer, "a policy must be an object"))
        return Policy("", "", (), {})
    effect = document.get("effect")
    if effect not in ("allow", "deny"):
        faults.append(Fault(f"{pointer}/effect", "effect must be allow or deny"))
    groups = _groups(document.get("permission_groups"), f"{pointer}/permission_groups", faults)
    resources = _resources(document.get("resources"), f"{pointer}/resources", account_id, faults)
    return Policy(secrets.token_hex(16), str(effect), groups, resources)


def _groups(documents: Any, pointer: str, faults: list[Fault]) -> tuple[str, ...]:
    if not isinstance(documents, list) or not 0 < len(documents) <= MAX_GROUPS:
        faults.append(Fault(pointer, f"permission_groups must be an array of 1 to {MAX_GROUPS} groups"))
        return ()
    found = []
    for place, document in enumerate(documents):
        identifier = document.get("id") if isinstance(document, Mapping) else None
        if not isinstance(identifier, str) or identifier not in BY_ID:
            faults.append(
                Fault(f"{pointer}/{place}/id", "id must be that of a permission group; list them to see which")
            )
        else:
            found.append(identifier)
    return tuple(found)


def _resources(document: Any, pointer: str, account_id: str, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(document, Mapping) or not document:
        faults.append(Fault(pointer, "resources must be an object that names at least one resource"))
        return {}
    known = (account_resource(account_id), ALL_ACCOUNTS)
    for name, value in document.items():
        if name not in known or value != "*":
            place = f"{pointer}/{str(name)[:100].replace('~', '~0').replace('/', '~1')}"
            faults.append(
                Fault(place, f'a resource must be "{known[0]}": "*"; an account\'s token reaches no other account')
            )
    return dict(document)


def _condition(document: Any, faults: list[Fault]) -> Condition | None:
    if document is None or document == {}:
        return None
    if not isinstance(document, Mapping):
        faults.append(Fault("/condition", "condition must be an object"))
        return None
    key = "request_ip" if "request_ip" in document else "request.ip"  # the older name, still sent by older clients
    rule = document.get(key)
    if rule is None:
        return None
    if not isinstance(rule, Mapping):
        faults.append(Fault(f"/condition/{key}", "request_ip must be an object"))
        return None
    within, not_within = (_networks(rule.get(name), f"/condition/{key}/{name}", faults) for name in ("in", "not_in"))
    return Condition(within, not_within) if within or not_within else None


def _networks(document: Any, pointer: str, faults: list[Fault]) -> tuple[str, ...]:
    if document is None:
        return ()
    if not isinstance(document, list) or len(document) > MAX_NETWORKS:
        faults.append(Fault(pointer, f"must be an array of at most {MAX_NETWORKS} networks"))
        return ()
    for place, text in enumerate(document):
        try:
            ipaddress.ip_network(text if isinstance(text, str) and len(text) <= MAX_NETWORK else "", strict=False)
        except ValueError:
            faults.append(Fault(f"{pointer}/{place}", "must be a network such as 192.0.2.0/24 or 2001:db8::/32"))
    return tuple(text for text in document if isinstance(text, str))
