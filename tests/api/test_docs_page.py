"""The documents that the server has of itself: a page for people, OpenAPI for machines."""

from __future__ import annotations

import re

import pytest

from sosie.api.errors import ERRORS, INTERNAL
from sosie.api.table import ROUTES

from .conftest import ANYBODY


@pytest.mark.parametrize("prefix", ["", "/client/v4"])
def test_the_page_is_there_for_everybody(served, prefix):
    """Without credentials, in HTML."""
    answer = ANYBODY.get(f"{served.origin}{prefix}/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_page_refers_to_no_other_host(served):
    """Nothing is loaded from anywhere: it works without any other network, and tells nobody that it was read."""
    page = ANYBODY.get(f"{served.origin}/docs").text
    assert not re.findall(r"""(?:src|srcset|href|action|data|poster)\s*=\s*["']?\s*(?:\w+:)?//[^"'\s>]*""", page)
    assert not re.findall(r"@import|url\(|<script|<iframe|<object|<link|<img", page)


def test_the_page_describes_every_operation_and_error(served):
    """Each with its method and path; each error with its code."""
    page = ANYBODY.get(f"{served.origin}/docs").text
    for route in ROUTES:
        if route.tag:
            assert f'id="{route.operation_id}"' in page
            assert route.path in page
    for row in (*ERRORS, INTERNAL):
        assert f"<td>{row.code}</td>" in page


def test_the_page_says_what_may_run_in_it(served):
    """Nothing: no script, no frame, no form; a browser holds it to that."""
    headers = ANYBODY.get(f"{served.origin}/docs").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_the_document_is_openapi(served):
    """3.1, as JSON, with every operation that is routed."""
    answer = ANYBODY.get(f"{served.url}/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document["openapi"] == "3.1.0"
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(route.method, route.path) for route in ROUTES if route.tag}
    assert document["servers"] == [{"url": "/client/v4"}]
