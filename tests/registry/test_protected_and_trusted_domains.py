"""The account's own domains, and those that may look like them."""

from __future__ import annotations

from sosie.registry.protected_domain import ProtectedDomain, ProtectedDomains, read_new_domain
from sosie.registry.trusted_domain import TrustedDomain, TrustedDomains, read_new_trusted_domain

AT = "2026-01-01T00:00:00.000000Z"
DELIVERY = {"allowed_delivery_modes": ["DIRECT"], "drop_dispositions": [], "ip_restrictions": [], "regions": ["GLOBAL"]}


def trusted(pattern, *, is_regex=False, is_recent=False, is_similarity=False) -> TrustedDomain:
    fields = {"pattern": pattern, "is_regex": is_regex, "is_recent": is_recent, "is_similarity": is_similarity}
    return TrustedDomain(pattern, *read_new_trusted_domain(fields), AT, AT)


def protected(*names) -> ProtectedDomains:
    return ProtectedDomains(
        ProtectedDomain(name, *read_new_domain(DELIVERY | {"domain": name}), AT, AT) for name in names
    )


def test_a_trusted_domain_is_that_one():
    """A literal covers nothing beneath it; a regular expression covers what it matches."""
    domains = TrustedDomains([trusted("Examp1e.example"), trusted(r"(?:.+\.)?examp1e-mail\.example", is_regex=True)])
    assert [one.pattern for one in domains.of("EXAMP1E.example")] == ["Examp1e.example"]
    assert domains.of("mail.examp1e.example") == []
    assert domains.of("mail.examp1e-mail.example")
    assert domains.of("examp1e-mail.example")
    assert domains.of("") == []


def test_each_flag_is_a_permission_of_its_own():
    """What may look alike may not be new, and the other way round."""
    similar, recent = trusted("a.example", is_similarity=True), trusted("a.example", is_recent=True)
    domains = TrustedDomains([recent, similar, trusted("b.example")])
    assert domains.may_look_alike("A.example") == similar
    assert domains.may_be_recent("a.example") == recent
    assert domains.may_look_alike("b.example") is domains.may_be_recent("b.example") is None


def test_a_protected_domain_is_above_its_subdomains():
    """The nearest one; A-labels and U-labels are one name; nothing is above a look-alike."""
    domains = protected("Example.com", "eu.example.com", "exämple.example", "example.com")
    assert domains.names == {"example.com", "eu.example.com", "xn--exmple-cua.example"}
    assert domains.above("MAIL.example.com") == "example.com"
    assert domains.above("a.b.eu.example.com.") == "eu.example.com"
    assert domains.above("xn--exmple-cua.example") == domains.above("x.exämple.example") == "xn--exmple-cua.example"
    assert domains.above("notexample.com") is domains.above("com") is domains.above("") is None
