"""The schemas of the resources under `settings/`, made of their field tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sosie.api.batch import ARRAYS, MAX_OPERATIONS
from sosie.api.schemas import MOMENT, UUID, answer_schema, body_schema, whole
from sosie.registry.allow_policy import FIELDS as POLICY_FIELDS
from sosie.registry.fields import Field
from sosie.registry.protected_domain import FIELDS as DOMAIN_FIELDS
from sosie.registry.protected_domain import MUTABLE as MUTABLE_DOMAIN_FIELDS
from sosie.registry.trusted_domain import FIELDS as TRUSTED_FIELDS

_OF_ALL = {
    "id": UUID,
    "created_at": MOMENT,
    "modified_at": MOMENT,
    "last_modified": MOMENT | {"deprecated": True, "description": "Deprecated, use modified_at instead."},
}


def _answered(fields: Sequence[Field], absent: Sequence[str], **more: Any) -> dict[str, Any]:
    """What is answered: every key, but those that are `absent` where they are unset."""
    schema = whole(answer_schema(fields, **_OF_ALL, **more))
    schema["required"] = [name for name in schema["required"] if name not in absent]
    return schema


def _unknown(kind: str, description: str) -> dict[str, Any]:
    return {"type": [kind, "null"], "description": description}


def _with_id(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {
        "required": ["id", *schema.get("required", ())],
        "properties": {"id": UUID, **schema["properties"]},
    }


def _batch(new: Sequence[Field], mutable: Sequence[Field]) -> dict[str, Any]:
    """The body of a batch."""
    one = {"type": "object", "required": ["id"], "properties": {"id": UUID}}
    operations = {
        "deletes": one,
        "patches": _with_id(body_schema(mutable, partial=True)),
        "puts": _with_id(body_schema(mutable)),
        "posts": body_schema(new),
    }
    arrays = {name: {"type": "array", "maxItems": MAX_OPERATIONS, "items": operations[name]} for name in ARRAYS}
    return {"type": "object", "required": list(ARRAYS), "properties": arrays}


def _batch_result(name: str) -> dict[str, Any]:
    items = {"deletes": "EntryId", "patches": name, "puts": name, "posts": name}
    arrays = {
        array: {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}} for array, item in items.items()
    }
    return {"type": "object", "required": sorted(arrays), "properties": arrays}


_DOMAIN_CHANGES = body_schema(MUTABLE_DOMAIN_FIELDS, partial=True)
del _DOMAIN_CHANGES["minProperties"]

SETTING_SCHEMAS: dict[str, dict[str, Any]] = {
    "AllowPolicy": _answered(POLICY_FIELDS, ("is_recipient", "is_sender", "is_spoof")),
    "NewAllowPolicy": body_schema(POLICY_FIELDS),
    "AllowPolicyChanges": body_schema(POLICY_FIELDS, partial=True),
    "AllowPolicyBatch": _batch(POLICY_FIELDS, POLICY_FIELDS),
    "AllowPolicyBatchResult": _batch_result("AllowPolicy"),
    "TrustedDomain": _answered(TRUSTED_FIELDS, ()),
    "NewTrustedDomain": body_schema(TRUSTED_FIELDS),
    "TrustedDomainChanges": body_schema(TRUSTED_FIELDS, partial=True),
    "TrustedDomainBatch": _batch(TRUSTED_FIELDS, TRUSTED_FIELDS),
    "TrustedDomainBatchResult": _batch_result("TrustedDomain"),
    "ProtectedDomain": _answered(
        DOMAIN_FIELDS,
        ("lookback_hops", "transport"),
        dmarc_status=_unknown("string", "Always null: no DNS is asked."),
        inbox_provider=_unknown("string", "Always null."),
        o365_tenant_id=_unknown("string", "Always null."),
        spf_status=_unknown("string", "Always null: no DNS is asked."),
        status=_unknown("string", "Always null: there is nothing to wait for."),
    ),
    "NewProtectedDomain": body_schema(DOMAIN_FIELDS) | {"additionalProperties": False},
    "ProtectedDomainChanges": _DOMAIN_CHANGES,
    "ProtectedDomainReplacement": body_schema(MUTABLE_DOMAIN_FIELDS),
    "ProtectedDomainBatch": _batch(DOMAIN_FIELDS, MUTABLE_DOMAIN_FIELDS),
    "ProtectedDomainBatchResult": _batch_result("ProtectedDomain"),
}
