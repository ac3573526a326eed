"""Allow policies: list, create, get, edit, delete, batch. Cloudflare API, "Email Security Settings"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosie.access.permissions import ANY_EMAIL, EMAIL_WRITERS
from sosie.api.parameters import Parameter
from sosie.api.routes import Route
from sosie.api.setting import SETTINGS, TAG, Setting, list_parameters
from sosie.registry.allow_policy import (
    MAX_PATTERN,
    PATTERN_TYPES,
    SUCCESSORS,
    UNKNOWN,
    AllowPolicy,
    changed,
    read_changes,
    read_new_policy,
)
from sosie.store.allow_policies import ALLOW_POLICIES
from sosie.store.small_lists import Query

PATH = SETTINGS + "/allow_policies"
ITEM = PATH + "/{policy_id}"
_FILTERS = (
    "is_exempt_recipient",
    "is_trusted_sender",
    "is_acceptable_sender",
    "verify_sender",
    "pattern_type",
    "pattern",
)

LIST_PARAMETERS = list_parameters(
    "pattern",
    Parameter("is_exempt_recipient", "boolean", "Only policies that exempt recipients, or that do not."),
    Parameter("is_trusted_sender", "boolean", "Only policies for trusted senders, or others."),
    Parameter("is_acceptable_sender", "boolean", "Only policies for acceptable senders, or others."),
    Parameter("verify_sender", "boolean", "Only policies that ask for authentication, or that do not."),
    Parameter("pattern_type", "string", "Only policies of this type.", choices=(*PATTERN_TYPES, UNKNOWN)),
    Parameter("pattern", "string", "Only policies with exactly this pattern.", max_length=MAX_PATTERN),
)


def to_wire(policy: AllowPolicy) -> dict[str, Any]:
    """A policy on the wire, keys in alphabetical order. The deprecated booleans stand there only where a client has
    set them: they cannot be null on the wire, and a client that never set them would take them for a change."""
    wire = policy._asdict() | {"last_modified": policy.modified_at}
    return {name: value for name, value in sorted(wire.items()) if value is not None or name not in SUCCESSORS}


def _to_query(given: Mapping[str, Any]) -> Query:
    return Query({name: given[name] for name in _FILTERS if given[name] is not None})


def _read_replacement(document: Any) -> Mapping[str, Any]:
    return read_new_policy(document)._asdict()


POLICIES = Setting(
    ALLOW_POLICIES, LIST_PARAMETERS, to_wire, read_new_policy, read_changes, _read_replacement, changed, _to_query
)

ROUTES = (
    Route("GET", PATH, POLICIES.list, "email_security_list_allow_policies", "List email allow policies",
          "Returns a paginated list of allow policies: whose mail, or mail to whom, is exempt from what.",
          TAG, result="AllowPolicy", needs=ANY_EMAIL, parameters=LIST_PARAMETERS, paged=True),
    Route("POST", PATH, POLICIES.create, "email_security_create_allow_policy", "Create email allow policy",
          "Exempts mail from detections. Use with caution: what is exempt is not judged.",
          TAG, result="AllowPolicy", needs=EMAIL_WRITERS, body="NewAllowPolicy", status=201),
    Route("POST", PATH + "/batch", POLICIES.batch, "email_security_batch_allow_policies",
          "Batch update allow policies",
          "Does several operations, all of them or none, in the order deletes, patches, puts, posts. All four arrays "
          "are required; send empty ones for what is not used.",
          TAG, result="AllowPolicyBatchResult", needs=EMAIL_WRITERS, body="AllowPolicyBatch"),
    Route("GET", ITEM, POLICIES.get, "email_security_get_allow_policy", "Get an email allow policy",
          "Returns one policy.", TAG, result="AllowPolicy", needs=ANY_EMAIL),
    Route("PATCH", ITEM, POLICIES.edit, "email_security_update_allow_policy", "Update an email allow policy",
          "Only provided fields will be modified.",
          TAG, result="AllowPolicy", needs=EMAIL_WRITERS, body="AllowPolicyChanges"),
    Route("DELETE", ITEM, POLICIES.delete, "email_security_delete_allow_policy", "Delete an email allow policy",
          "Removes a policy; mail that met it is judged like any other.",
          TAG, result="EntryId", needs=EMAIL_WRITERS),
)  # fmt: skip
