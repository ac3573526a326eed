"""Domain names that an administrator types, and those that messages claim, in one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.mail.address import Address
from sosie.registry.domain import DomainError, compared_address, compared_domain, read_domain


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("Example.COM", "example.com"),
        ("localhost", "localhost"),
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("exämple.example", "xn--exmple-cua.example"),
        ("EXÄMPLE.example", "xn--exmple-cua.example"),
        ("xn--exmple-cua.example", "xn--exmple-cua.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
    ],
)
def test_a_domain_is_read_in_its_compared_form(text, compared):
    """Lower case, A-labels."""
    assert read_domain(text) == compared_domain(text) == compared


@pytest.mark.parametrize(
    "text",
    ["", ".", "example.com.", ".example.com", "a..b", "a b", "a@b", "*.example.com", "[192.0.2.1]", "exa\u200bmple.com",
     "a" * 64 + ".example", ".".join(["a" * 50] * 6), "a\n", "\ud800.example"],
)  # fmt: skip
def test_what_is_no_domain_is_refused(text):
    """With a sentence that names it."""
    with pytest.raises(DomainError, match="is not a domain: "):
        read_domain(text)


def test_a_claimed_domain_may_end_in_a_dot():
    """As receivers forgive it."""
    assert compared_domain("Example.com.") == "example.com"
    assert compared_address("Jane@Example.com.") == "jane@example.com"


@given(st.one_of(st.from_regex(r"[A-Za-z.+\-]{1,8}@[A-Za-z.\-]{1,8}", fullmatch=True), st.emails()))
def test_the_short_way_is_the_long_way(text):
    """Of whatever looks like an address."""
    address = Address.from_header(text)
    assert compared_address(text) == (address.compared if address else text.casefold())


@given(st.text())
def test_any_text_has_a_compared_form(text):
    """Nothing that a message holds raises."""
    assert isinstance(compared_domain(text), str)
    assert isinstance(compared_address(text), str)
