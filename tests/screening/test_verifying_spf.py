"""SPF is evaluated as RFC 7208 says, within its limits, whatever a domain publishes."""

from __future__ import annotations

import time

import pytest

from sosie.detection.exemptions import Envelope
from support.verifying import LETTER, world

__all__ = ["world"]

SENDER = "strong-bad@email.example.com"  # RFC 7208, 7.4


def spf(world, record=None, *, ip="192.0.2.3", return_path=SENDER, seconds=5.0):
    if record is not None:
        world.dns.text("email.example.com", record)
    results = world.verify(LETTER, Envelope(return_path, (), ip), seconds=seconds)
    return results.spf


@pytest.mark.parametrize(
    ("macros", "name"),
    [
        ("%{d4}.x.example.org", "email.example.com.x.example.org"),
        ("%{d3}.x.example.org", "email.example.com.x.example.org"),
        ("%{d2}.x.example.org", "example.com.x.example.org"),
        ("%{d1}.x.example.org", "com.x.example.org"),
        ("%{dr}.x.example.org", "com.example.email.x.example.org"),
        ("%{d2r}.x.example.org", "example.email.x.example.org"),
        ("%{o}.x.example.org", "email.example.com.x.example.org"),
        ("%{l}.x.example.org", "strong-bad.x.example.org"),
        ("%{l-}.x.example.org", "strong.bad.x.example.org"),
        ("%{lr}.x.example.org", "strong-bad.x.example.org"),
        ("%{lr-}.x.example.org", "bad.strong.x.example.org"),
        ("%{l1r-}.x.example.org", "strong.x.example.org"),
        ("%{h}.x.example.org", "mx.example.com.x.example.org"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
    ],
)
def test_the_macros_of_rfc_7208(world, macros, name):
    """Section 7.4: the name that each asks for, and no other."""
    world.dns.zone[name] = {"A": ["127.0.0.2"]}
    assert spf(world, f"v=spf1 exists:{macros} -all") == "pass"


def test_the_macros_of_rfc_7208_for_ipv6(world):
    """Section 7.4, too."""
    name = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com"
    world.dns.zone[name] = {"A": ["127.0.0.2"]}
    record = "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all"
    assert spf(world, record, ip="2001:db8::cb01") == "pass"
    assert spf(world, record, ip="2001:db8::cb02") == "fail"


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 +all", "pass"),
        ("v=spf1 -all", "fail"),
        ("v=spf1 ~all", "softfail"),
        ("v=spf1 ?all", "neutral"),
        ("v=spf1", "neutral"),
        ("v=spf10 -all", "none"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 a:host.example.org -all", "pass"),
        ("v=spf1 mx:example.org -all", "pass"),
        ("v=spf1 ptr:example.org -all", "pass"),
        ("v=spf1 include:spf.example.org -all", "pass"),
        ("v=spf1 redirect=spf.example.org", "pass"),
        ("v=spf1 include:none.example.org -all", "permerror"),
        ("v=spf1 include:email.example.com -all", "permerror"),
        ("v=spf1 redirect=email.example.com", "permerror"),
        ("v=spf1 include:loop.example.org -all", "permerror"),
        ("v=spf1 a:%{z}.example.org -all", "permerror"),
        ("v=spf1 nonsense -all", "permerror"),
        ("v=spf1 ip4:999.1.1.1 -all", "permerror"),
        ("v=spf1 a:away.example.org -all", "temperror"),
        ("v=spf1 exp=explain.example.org -all", "fail"),
        ("v=spf1 a:1.example.org a:2.example.org a:3.example.org -all", "permerror"),
        ("v=spf1 " + "a:host9.example.org " * 11 + "-all", "permerror"),
        ("v=spf1 mx:crowd.example.org -all", "permerror"),
        ("v=spf1 a:" + "x" * 600 + ".example.org +all", "permerror"),
        ("v=spf1 " + "ip4:198.51.100.1 " * 300 + "+all", "permerror"),
    ],
    ids=lambda one: one[:40],
)
def test_records(world, record, result):
    """Every mechanism, the ten questions, the two that find nothing, and loops."""
    zone = world.dns.zone
    zone["host.example.org"] = {"A": ["192.0.2.3"]}
    zone["host9.example.org"] = {"A": ["192.0.2.9"]}
    zone["example.org"] = {"MX": ["10 host.example.org."]}
    zone["3.2.0.192.in-addr.arpa"] = {"PTR": ["host.example.org."]}
    zone["crowd.example.org"] = {"MX": [f"{number} m{number}.example.org." for number in range(11)]}
    zone["away.example.org"] = "servfail"
    world.dns.text("spf.example.org", "v=spf1 ip4:192.0.2.3 -all")
    world.dns.text("loop.example.org", "v=spf1 include:loop2.example.org -all")
    world.dns.text("loop2.example.org", "v=spf1 include:loop.example.org -all")
    assert spf(world, record) == result


@pytest.mark.parametrize("state", ["servfail", "silent"])
@pytest.mark.parametrize("broken", ["3.2.0.192.in-addr.arpa", "host.evil.example"])
@pytest.mark.parametrize("record", ["ptr", "ptr:example.org", "exists:%{p}.example.org"])
def test_the_clients_own_servers_decide_nothing(world, state, broken, record):
    """Who sends may own the reverse zone: that it is broken or slow is no match and no error (RFC 7208, 5.5), and what
    the record says beside it is still asked."""
    zone = world.dns.zone
    zone["3.2.0.192.in-addr.arpa"] = {"PTR": ["host.evil.example."]}
    zone[broken] = state
    world.dns.text("spf.example.org", "v=spf1 ip4:192.0.2.3 -all")
    world.dns.text("other.example.com", f"v=spf1 {record} include:spf.example.org -all")
    assert spf(world, f"v=spf1 {record} -all", seconds=2.0) == "fail"
    assert spf(world, return_path="jane.roe@other.example.com", seconds=2.0) == "pass"


def test_nobody_is_asked_for_an_explanation(world):
    """It would be one more question, for a text that nobody reads."""
    spf(world, "v=spf1 exp=explain.example.org -all")
    assert "explain.example.org" not in world.names_asked()


def test_two_records_are_none(world):
    """RFC 7208, 4.5: which one counts cannot be told."""
    world.dns.text("email.example.com", "v=spf1 +all", "v=spf1 -all")
    assert spf(world) == "permerror"


@pytest.mark.parametrize(
    ("return_path", "helo_domain"),
    [
        ("", "mx.example.com"),
        ("<>", "mx.example.com"),
        ("jane.roe@example.com", None),
        ("<jane.roe@example.com>", None),
    ],
)
def test_who_is_asked_about(world, return_path, helo_domain):
    """The return path; without one, who greeted (RFC 7208, 2.4)."""
    world.dns.text("mx.example.com", "v=spf1 ip4:192.0.2.1 -all")
    results = world.verify(LETTER, Envelope(return_path, (), "192.0.2.1"))
    assert (results.spf, results.spf_domain) == ("pass", helo_domain or "example.com")


def test_a_local_part_with_an_at_sign_is_not_a_domain(world):
    """`"x@example.com"@evil.example` is evil.example's."""
    results = world.verify(LETTER, Envelope('"x@example.com"@evil.example', (), "192.0.2.1"))
    assert (results.spf, results.spf_domain) == ("fail", "evil.example")


@pytest.mark.parametrize("ip", ["", "unknown", "unix:/run/x", "127.0.0.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("return_path", ["jane.roe@example.com", "www-data@localhost"])
def test_without_the_clients_address_nothing_is_said(world, ip, return_path):
    """A stored letter does not say who brought it, nor one that a program of the mail server's host hands in: so none
    of them has failed."""
    results = world.verify(LETTER, Envelope(return_path, (), ip))
    assert (results.spf, results.spf_domain, results.dmarc) == ("", "", "temperror")


def test_an_ipv4_address_in_ipv6_form(world):
    """As a server that listens on both sees it."""
    assert spf(world, "v=spf1 ip4:192.0.2.3 -all", ip="::ffff:192.0.2.3") == "pass"


@pytest.mark.parametrize(
    "term", ["a:" + "a" * 500, "a:" + ".a" * 250, "%{s}" * 120, "exists:" + "%{l}." * 100 + "example.org"]
)
def test_costly_terms_take_no_time(world, term):
    """Patterns that take quadratic time meet short texts only."""
    began = time.thread_time()
    spf(
        world,
        "v=spf1 " + " ".join([term] * (4000 // len(term))) + " -all",
        return_path="a.b-c" * 60 + "@email.example.com",
    )
    assert time.thread_time() - began < 1.0
