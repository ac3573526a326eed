"""Names of domains: what was registered, both notations, and providers where anybody gets an address."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.likeness.domain_name import (
    a_label_domain,
    is_freemail,
    is_subdomain,
    registrable_domain,
    second_level_label,
    u_label_domain,
)


@pytest.mark.parametrize(
    ("domain", "registrable"),
    [
        ("example.com", "example.com"),
        ("Mail.EXAMPLE.com.", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("jane.github.io", "jane.github.io"),  # a private suffix: strangers side by side
        ("a.example.nosuchsuffix", "example.nosuchsuffix"),
        ("mail.例え.example", "xn--r8jz45g.example"),
        ("mail.xn--r8jz45g.example", "xn--r8jz45g.example"),
        ("example。com", "example.com"),
        ("a..example.com", "example.com"),
        ("co.uk", ""),
        ("com", ""),
        ("localhost", ""),
        ("192.0.2.1", ""),
        ("[192.0.2.1]", ""),
        ("[IPv6:2001:db8::1]", ""),
        ("", ""),
        (".", ""),
    ],
)
def test_registrable_domain(domain, registrable):
    """One label and the public suffix, as A-labels; nothing where nothing was registered."""
    assert registrable_domain(domain) == registrable


def test_second_level_label():
    """The label that its owner chose."""
    assert second_level_label("example.co.uk") == "example"


@pytest.mark.parametrize(
    ("u_labels", "a_labels"),
    [("exämple.com", "xn--exmple-cua.com"), ("пример.example", "xn--e1afmkfd.example"), ("example.com", "example.com")],
)
def test_both_notations(u_labels, a_labels):
    """A-labels are what mail carries, U-labels what people read."""
    assert a_label_domain(u_labels) == a_labels
    assert u_label_domain(a_labels) == u_labels
    assert u_label_domain(u_labels.upper()) == u_labels


@pytest.mark.parametrize("domain", ["xn--.example", "xn--99999999.example", "xn--\udc80.example"])
def test_a_label_that_says_nothing_stays(domain):
    """Punycode that is none is shown as it is written."""
    assert u_label_domain(domain) == domain


@given(st.text(max_size=80) | st.from_regex(r"xn--[0-9a-z-]{1,60}\.com", fullmatch=True))
def test_nothing_raises(domain):
    """A header may claim anything, lone surrogates too."""
    registrable = registrable_domain(domain)
    u_label_domain(domain)
    a_label_domain(domain)
    is_freemail(domain)
    assert registrable_domain(registrable) == registrable


@pytest.mark.parametrize("domain", ["a." * 50_000 + "com", "ä" * 100_000 + ".com", "xn--" + "a" * 100_000 + ".com"])
def test_long_domains_cost_little(domain):
    """The work is bounded, whatever a header says."""
    start = time.perf_counter()
    registrable_domain(domain)
    u_label_domain(domain)
    assert time.perf_counter() - start < 0.05


def test_subdomains():
    """Truly below, in either notation; not the domain itself, nor one that merely ends alike."""
    assert is_subdomain("mail.Example.com", "example.com")
    assert is_subdomain("mail.xn--exmple-cua.com", "exämple.com")
    assert not is_subdomain("example.com", "example.com")
    assert not is_subdomain("badexample.com", "example.com")


def test_freemail():
    """Providers where anybody gets an address, with what lies below them; not their look-alikes, nor anybody's own."""
    assert is_freemail("gmail.com")
    assert is_freemail("GMX.de")
    assert is_freemail("mx.gmail.com")
    assert not is_freemail("gmial.com")
    assert not is_freemail("example.com")
