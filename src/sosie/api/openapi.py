"""The OpenAPI 3.1 document, made of the table that routes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sosie import __version__
from sosie.api.errors import ERRORS, INTERNAL
from sosie.api.investigate_schemas import INVESTIGATE_SCHEMAS, RECORD_ID
from sosie.api.parameters import Parameter
from sosie.api.routes import PREFIX, Route
from sosie.api.schemas import HEX32, IP, NO_NUL, SCHEMAS, UUID
from sosie.api.screen_schemas import SCREEN_SCHEMAS
from sosie.api.setting_schemas import SETTING_SCHEMAS

_FAILURES = ("400", "401", "403", "404", "413", "429", "500", "503")
_UUIDS = frozenset(("impersonation_registry_id", "policy_id", "trusted_domain_id", "domain_id", "job_id"))
_SCHEMAS = dict.fromkeys(_UUIDS, UUID) | {"investigate_id": RECORD_ID}
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")

_PROBLEM = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "integer", "minimum": 1000},
        "message": {"type": "string"},
        "documentation_url": {"type": "string"},
        "source": {"type": "object", "properties": {"pointer": {"type": "string"}}},
        "error_chain": {"type": "array", "items": {"type": "object"}},
    },
}
_PROBLEMS = {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}}
_FAILURE = {
    "type": "object",
    "required": ["errors", "messages", "result", "success"],
    "properties": {
        "errors": _PROBLEMS | {"minItems": 1},
        "messages": {"type": "array", "items": {"type": "object"}},
        "result": {"type": "null"},
        "success": {"const": False},
    },
}
_INFO = {
    "type": "object",
    "required": ["count", "page", "per_page", "total_count"],
    "properties": {
        "count": {"type": "integer", "description": "Entries on this page."},
        "page": {"type": "integer"},
        "per_page": {"type": "integer"},
        "total_count": {"type": "integer", "description": "Entries without any search parameter."},
        "total_pages": {"type": "integer", "description": "Pages with the parameters of this request, where counted."},
    },
}


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if not route.tag:
            continue  # no part of the API
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
        if route.method == "POST":
            made = paths[route.path]["post"]["responses"][str(route.status)]
            made["links"] = {other.operation_id: _link(other) for other in routes if _is_about_one(route, other)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "sosie",
            "version": __version__,
            "summary": "The impersonation registry for mail that you run yourself.",
            "description": "Compatible with Cloudflare's API: the official clients work with the base URL changed.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"api_token": []}, {"api_email": [], "api_key": []}],
        "paths": paths,
        "components": {
            "schemas": {
                **SCHEMAS,
                **SETTING_SCHEMAS,
                **SCREEN_SCHEMAS,
                **INVESTIGATE_SCHEMAS,
                "Problem": _PROBLEM,
                "Failure": _FAILURE,
                "ResultInfo": _INFO,
            },
            "responses": {"Failure": _failure_response()},
            "securitySchemes": {
                "api_token": {"type": "http", "scheme": "bearer"},
                "api_email": {"type": "apiKey", "in": "header", "name": "X-Auth-Email"},
                "api_key": {"type": "apiKey", "in": "header", "name": "X-Auth-Key"},
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "description": route.description,
        "tags": [route.tag],
        "parameters": [*_path_parameters(route.path), *map(_query_parameter, route.parameters)],
        "responses": {str(route.status): _success(route)},
    }
    for status in _FAILURES:
        operation["responses"][status] = {"$ref": "#/components/responses/Failure"}
    if route.body:
        schema = {"$ref": f"#/components/schemas/{route.body}"}
        content: dict[str, Any] = {"application/json": {"schema": schema}}
        if route.body == "MessageToJudge":
            content["message/rfc822"] = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.deprecated:
        operation["deprecated"] = True
    if route.public:
        operation["security"] = [{"api_token": []}] if route.result else []
    return operation


def _is_about_one(collection: Route, route: Route) -> bool:
    """Whether a route is about one of what a POST to the collection makes."""
    return re.fullmatch(re.escape(collection.path) + r"/\{\w+\}", route.path) is not None


def _link(route: Route) -> dict[str, Any]:
    """How to go on from the answer of a POST (OpenAPI 3.1, 4.8.20)."""
    *outer, made = _PATH_PARAMETER.findall(route.path)
    parameters = {name: f"$request.path.{name}" for name in outer} | {made: "$response.body#/result/id"}
    return {"operationId": route.operation_id, "parameters": parameters}


def _success(route: Route) -> dict[str, Any]:
    if route.status == 204:
        return {"description": "Nothing, and no body."}
    if not route.result:
        return {"description": "A document.", "content": {"*/*": {}}}
    result: dict[str, Any] = {"$ref": f"#/components/schemas/{route.result}"}
    if route.paged or route.many:
        result = {"type": "array", "items": result}
    properties: dict[str, Any] = {
        "errors": {"type": "array", "maxItems": 0},
        "messages": {"type": "array", "items": {"type": "object"}},
        "result": result,
        "success": {"const": True},
    }
    if route.paged:
        properties["result_info"] = {"$ref": f"#/components/schemas/{route.info}"}
    schema = {"type": "object", "required": sorted(properties), "properties": properties}
    return {"description": route.summary, "content": {"application/json": {"schema": schema}}}


def _failure_response() -> dict[str, Any]:
    rows = "\n".join(f"- {row.status} {row.code}: {row.documented}" for row in (*ERRORS, INTERNAL))
    schema = {"$ref": "#/components/schemas/Failure"}
    return {"description": f"An error.\n\n{rows}", "content": {"application/json": {"schema": schema}}}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _SCHEMAS.get(name, HEX32),
        }
        for name in _PATH_PARAMETER.findall(path)
    ]


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": parameter.kind}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    elif parameter.is_uuid:
        schema["format"] = "uuid"
    elif parameter.is_moment:
        schema["format"] = "date-time"
    elif parameter.is_ip:
        schema |= IP
    elif parameter.kind == "string":
        schema["pattern"] = NO_NUL
    elif parameter.kind == "integer":
        schema |= {"minimum": parameter.minimum, "maximum": parameter.maximum}
    if parameter.max_length:
        schema["maxLength"] = parameter.max_length
    if parameter.default is not None:
        schema["default"] = parameter.default
    if parameter.many:
        schema = {"type": "array", "items": schema}
    return {"name": parameter.name, "in": "query", "description": parameter.description, "schema": schema}
