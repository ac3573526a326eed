"""Trusted domains on the wire."""

from __future__ import annotations

import pytest

from .account import pointers
from .settings import Settings


@pytest.fixture
def trusted(account) -> Settings:
    return Settings(account, "trusted_domains")


def test_a_pattern_must_be_a_domain_or_an_expression(trusted):
    """Refused with the reason; the expression is Java's."""
    assert pointers(trusted.post(pattern="x@example.com")) == ["/pattern"]
    assert pointers(trusted.post(pattern=r"(?:[a-z-]+\.)*example\.com")) == ["/pattern"]
    made = trusted.create(pattern=r"(?:[a-z-]+\.)*examp1e\.example", is_regex=True)
    assert pointers(trusted.edit(made["id"], is_regex=False)) == ["/pattern"]
    assert pointers(trusted.edit(made["id"])) == [""]
    assert pointers(trusted.edit(made["id"], is_similarity=None)) == ["/is_similarity"]


def test_lengths_are_the_wires(trusted):
    """1,024 characters of pattern and of comments."""
    made = trusted.create(pattern="a" * 1024, is_regex=True, comments="é" * 1024)
    assert made["comments"] == "é" * 1024
    assert pointers(trusted.post(pattern="a" * 1025, is_regex=True, comments="x" * 1025)) == ["/pattern", "/comments"]
    assert pointers(trusted.post(pattern="")) == ["/pattern"]


def test_a_list_is_filtered(trusted):
    """By what is exempt, and by the pattern."""
    trusted.create(pattern="a.example", is_recent=True, is_similarity=False)
    trusted.create(pattern="b.example")
    assert trusted.keys(is_recent=True) == trusted.keys(is_similarity=False) == ["a.example"]
    assert trusted.keys(is_similarity=True) == trusted.keys(pattern="b.example") == ["b.example"]
    assert trusted.keys(pattern="b") == []
