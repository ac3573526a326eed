"""The API's own documents: /client/v4/openapi.json for machines, /docs for people, which needs no network."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson

from sosie.api.call import Call
from sosie.api.openapi import document
from sosie.api.routes import PREFIX, Page, Route


async def read_openapi(_: Call) -> Page:
    """The OpenAPI document."""
    return Page(_openapi(), b"application/json")


async def read_docs(_: Call) -> Page:
    """The page to read."""
    return Page(_page(), b"text/html; charset=utf-8")


@cache
def _document() -> dict[str, Any]:
    from sosie.api.table import ROUTES  # noqa: PLC0415 - the table holds these routes too

    return document(ROUTES)


@cache
def _openapi() -> bytes:
    return orjson.dumps(_document(), option=orjson.OPT_INDENT_2)


@cache
def _page() -> bytes:
    # Imported here: most processes never show the page.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    from sosie.api.errors import ERRORS, INTERNAL  # noqa: PLC0415

    loader = PackageLoader("sosie.api", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    tags: dict[str, list[dict[str, Any]]] = {}
    described = _document()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            tags.setdefault(operation["tags"][0], []).append({"path": path, "method": method.upper(), **operation})
    template = environment.get_template("docs.html")
    schemas = described["components"]["schemas"]
    return template.render(
        tags=tags, schemas=schemas, prefix=PREFIX, version=described["info"]["version"], errors=(*ERRORS, INTERNAL)
    ).encode()


ROUTES = (
    Route("GET", "/openapi.json", read_openapi, "openapi", "This API as an OpenAPI 3.1 document", "For machines.",
          "Documents", public=True),
    Route("GET", "/docs", read_docs, "docs", "This API as a page", "For people; needs no network.",
          "Documents", public=True),
    Route("GET", "/", read_docs, "home", "", "", "", public=True),  # until there is a better first page
)  # fmt: skip
