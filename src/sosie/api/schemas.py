"""The schemas of the OpenAPI document: made of the field tables where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sosie.access.permissions import BY_ID
from sosie.access.tokens import MAX_NETWORKS
from sosie.api.token_body import FIELDS as TOKEN_FIELDS
from sosie.api.token_body import MAX_GROUPS, MAX_NETWORK, MAX_POLICIES
from sosie.registry.entry import FIELDS as ENTRY_FIELDS
from sosie.registry.fields import INT64, Field

UUID = {"type": "string", "format": "uuid", "examples": ["f174e90a-fafe-4643-bbbc-4a0ed4fc8415"]}
HEX32 = {"type": "string", "pattern": "^[0-9a-f]{32}$", "examples": ["023e105f4ecef8ad9ca31a8372d0c353"]}
MOMENT = {"type": "string", "format": "date-time", "examples": ["2026-01-01T05:20:00.123450Z"]}
NO_NUL = r"^[^\u0000]*$"
IP: dict[str, Any] = {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}, {"maxLength": 0}]}
_TEXT = {"type": "string"}
_OPTIONAL_TEXT = {"type": ["string", "null"]}


def field_schema(field: Field, *, writing: bool) -> dict[str, Any]:
    """One field: what is taken (`writing`), or what is answered."""
    schema: dict[str, Any] = {"type": [field.kind, "null"] if field.nullable else field.kind}
    if field.description:
        schema["description"] = field.description
    if field.kind == "array":
        items = replace(field, kind="string", description="", example=None)
        schema |= {"items": field_schema(items, writing=writing), "minItems": field.min_items}
        schema["maxItems"] = field.max_items
    elif field.choices:
        schema["enum"] = [*field.choices, *([None] if field.nullable else [])]
    if field.kind == "integer":
        bounds = (field.minimum, field.maximum) if field.maximum else (-INT64, INT64 - 1)
        schema |= {"format": "int64", "minimum": bounds[0], "maximum": bounds[1]}
    if field.kind == "string" and (field.max_length or field.max_bytes):
        schema["maxLength"] = field.max_length or field.max_bytes
    if field.kind == "string" and writing and not field.choices:
        schema["pattern"] = r"^[^\u0000]*\S[^\u0000]*$" if field.not_blank else NO_NUL
    if field.example is not None:
        schema["examples"] = [field.example]
    if field.deprecated:
        schema["deprecated"] = True
    return schema


def body_schema(fields: Sequence[Field], *, partial: bool = False) -> dict[str, Any]:
    """The object that is taken; `partial` for one that names some of the fields."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: field_schema(field, writing=True) for field in fields},
    }
    if partial:
        schema["minProperties"] = 1
    else:
        schema["required"] = [field.name for field in fields if field.required]
    return schema


def answer_schema(fields: Sequence[Field], **more: Any) -> dict[str, Any]:
    """The object that is answered: the fields, and what else it holds."""
    properties = {field.name: field_schema(field, writing=False) for field in fields} | more
    return {"type": "object", "properties": dict(sorted(properties.items()))}


def whole(schema: dict[str, Any]) -> dict[str, Any]:
    """The same, every key always there."""
    return schema | {"required": sorted(schema["properties"])}


_ENTRY = whole(
    answer_schema(
        ENTRY_FIELDS,
        id=UUID,
        created_at=MOMENT,
        modified_at=MOMENT,
        last_modified=MOMENT | {"deprecated": True, "description": "Deprecated, use modified_at instead."},
    )
)
_ENTRY["examples"] = [
    {
        "comments": None,
        "created_at": "2026-01-01T05:20:00.123450Z",
        "directory_id": None,
        "directory_node_id": None,
        "email": "john.doe@example.com",
        "external_directory_node_id": None,
        "id": "019b7846-9c6b-71f9-8f3c-2d1b7a0c4e55",
        "is_email_regex": False,
        "last_modified": "2026-01-01T05:20:00.123450Z",
        "modified_at": "2026-01-01T05:20:00.123450Z",
        "name": "John Doe",
        "provenance": "A1S_INTERNAL",
    }
]
_RESOURCES = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 2,
    "additionalProperties": {"const": "*"},
    "propertyNames": {"pattern": r"^com\.cloudflare\.api\.account\.([0-9a-f]{32}|\*)$"},
    "examples": [{"com.cloudflare.api.account.*": "*"}],
}
_POLICY = {
    "type": "object",
    "required": ["effect", "permission_groups", "resources"],
    "properties": {
        "id": HEX32 | {"readOnly": True},
        "effect": {"enum": ["allow", "deny"]},
        "permission_groups": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_GROUPS,
            "items": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"enum": list(BY_ID)}, "name": _TEXT | {"readOnly": True}},
            },
        },
        "resources": _RESOURCES,
    },
}
_NETWORK = {"type": "string", "maxLength": MAX_NETWORK, "examples": ["192.0.2.0/24"]}
_NETWORKS = {"type": "array", "maxItems": MAX_NETWORKS, "items": _NETWORK}
_CONDITION = {
    "type": "object",
    "properties": {"request_ip": {"type": "object", "properties": {"in": _NETWORKS, "not_in": _NETWORKS}}},
}
_POLICIES = {"type": "array", "minItems": 1, "maxItems": MAX_POLICIES, "items": _POLICY}
_TOKEN_TIMES = {
    name: {"type": "string", "format": "date-time"} for name in ("issued_on", "modified_on", "last_used_on")
}
_TOKEN = answer_schema(TOKEN_FIELDS, id=HEX32, policies=_POLICIES, condition=_CONDITION, **_TOKEN_TIMES)
_TOKEN_BODY = body_schema(TOKEN_FIELDS)
_TOKEN_BODY["properties"] |= {"policies": _POLICIES, "condition": _CONDITION}
_TOKEN_BODY["required"] = ["name", "policies"]
for _name in ("not_before", "expires_on"):
    _TOKEN_BODY["properties"][_name] = {"type": ["string", "null"], "format": "date-time"}
_VALUE = {"type": "string", "minLength": 40, "maxLength": 80, "description": "The token, shown this once."}

SCHEMAS: dict[str, dict[str, Any]] = {
    "Entry": _ENTRY,
    "NewEntry": body_schema(ENTRY_FIELDS),
    "EntryChanges": body_schema(ENTRY_FIELDS, partial=True),
    "EntryId": {"type": "object", "required": ["id"], "properties": {"id": UUID}},
    "Token": _TOKEN,
    "TokenBody": _TOKEN_BODY,
    "NewToken": {
        "type": "object",
        "required": ["id", "value"],
        "properties": {**_TOKEN["properties"], "value": _VALUE},
    },
    "TokenId": {"type": "object", "required": ["id"], "properties": {"id": HEX32}},
    "TokenValue": _VALUE,
    "TokenStatus": {
        "type": "object",
        "required": ["id", "status"],
        "properties": {
            "id": HEX32,
            "status": {"enum": ["active", "disabled", "expired"]},
            "not_before": MOMENT,
            "expires_on": MOMENT,
        },
    },
    "PermissionGroup": {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": HEX32,
            "name": _TEXT,
            "category": _TEXT,
            "is_selectable": {"type": "boolean"},
            "scopes": {"type": "array", "items": _TEXT},
        },
    },
    "Account": {
        "type": "object",
        "required": ["id", "name", "type"],
        "properties": {
            "id": HEX32,
            "name": _TEXT,
            "type": {"enum": ["standard", "enterprise"]},
            "created_on": MOMENT,
            "settings": {
                "type": "object",
                "properties": {"abuse_contact_email": _OPTIONAL_TEXT, "enforce_twofactor": {"type": "boolean"}},
            },
        },
    },
    "User": {
        "type": "object",
        "required": ["id", "email"],
        "properties": {
            "id": HEX32,
            "email": _TEXT,
            "organizations": {"type": "array", "items": {"type": "object"}},
        },
    },
}
