"""Which allow policies a message meets: by which field, and when authentication is asked for."""

from __future__ import annotations

import pytest

from sosie.registry.allow_policies import AllowPolicies, Origin
from sosie.registry.allow_policy import AllowPolicy, read_new_policy

FLAGS = {"is_acceptable_sender": False, "is_exempt_recipient": False, "is_trusted_sender": False}


def policy(pattern, kind="EMAIL", role="is_trusted_sender", *, is_regex=False, verify=False) -> AllowPolicy:
    fields = read_new_policy(
        FLAGS | {role: True, "pattern": pattern, "pattern_type": kind, "is_regex": is_regex, "verify_sender": verify}
    )
    return AllowPolicy(pattern, *fields, "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z")


def met(origin, *policies):
    return [(one.policy.pattern, one.field, one.value) for one in AllowPolicies(policies).of_sender(origin)]


ORIGIN = Origin(
    return_path="bounce@lists.example.com",
    authors=("Jane.Roe@Example.com",),
    reply_to=("office@example.net",),
    ip="192.0.2.7",
    server_name="mx1.example.org",
)


@pytest.mark.parametrize(
    ("pattern", "kind", "is_regex", "field"),
    [
        ("jane.roe@example.com", "EMAIL", False, "author"),
        ("bounce@lists.example.com", "EMAIL", False, "return_path"),
        ("office@example.net", "EMAIL", False, "reply_to"),
        (r"j[^@]+@example\.com", "EMAIL", True, "author"),
        ("example.com", "DOMAIN", False, "author"),
        ("lists.example.com", "DOMAIN", False, "return_path"),
        ("example.net", "DOMAIN", False, "reply_to"),
        (r"mx\d\.example\.org", "DOMAIN", True, "server_name"),
        ("192.0.2.0/24", "IP", False, "ip"),
        ("192.0.2.7", "IP", False, "ip"),
        ("jane@example.com", "EMAIL", False, None),
        ("jane.roe@lists.example.com", "EMAIL", False, None),
        ("org", "DOMAIN", False, None),
        (r"example\.org", "DOMAIN", True, None),
        (r"roe@example\.com", "EMAIL", True, None),
        (r"jane\.roe@example\.co", "EMAIL", True, None),
        ("192.0.2.8/29", "IP", False, None),
    ],
)
def test_a_policy_is_held_against_its_fields(pattern, kind, is_regex, field):
    """The whole text, whatever its case; a literal domain is none of those beneath it."""
    found = met(ORIGIN, policy(pattern, kind, is_regex=is_regex))
    assert [where for _, where, _ in found] == ([] if field is None else [field])


def test_what_met_it_is_told():
    """As the message has it; each policy once, by the first field."""
    domain = policy("example.com", "DOMAIN")
    assert met(ORIGIN._replace(return_path="x@example.com"), domain) == [
        ("example.com", "author", "Jane.Roe@Example.com")
    ]


def test_a_trusted_address_beside_another_meets_nothing():
    """From and Reply-To count only where all of their addresses meet the policy."""
    trusted = policy("jane.roe@example.com")
    assert met(Origin(authors=("jane.roe@example.com", "eve@example.org")), trusted) == []
    assert met(Origin(authors=("eve@example.org", "jane.roe@example.com")), trusted) == []
    assert met(Origin(reply_to=("eve@example.org", "jane.roe@example.com")), trusted) == []
    assert met(Origin(authors=("jane.roe@example.com", "joe@example.com")), policy("example.com", "DOMAIN"))


@pytest.mark.parametrize(
    ("authenticated", "honored"),
    [
        (frozenset(), False),
        (frozenset({"Example.COM"}), True),
        (frozenset({"mail.example.com"}), False),
        (frozenset({"example.org"}), False),
        (frozenset({"ample.com"}), False),
    ],
)
def test_verify_sender_asks_for_the_domain_that_met_it(authenticated, honored):
    """That domain, or one above it, passed."""
    author = Origin(authors=("jane.roe@example.com",), authenticated=authenticated)
    assert bool(met(author, policy("jane.roe@example.com", verify=True))) is honored
    assert met(author, policy("jane.roe@example.com"))


def test_another_field_that_passed_does_not_vouch():
    """A passing return path says nothing of the author that met the policy, and the other way round."""
    origin = Origin(
        return_path="bounce@example.org", authors=("jane.roe@example.com",), authenticated=frozenset({"example.org"})
    )
    verified = policy("example.com", "DOMAIN", verify=True)
    assert met(origin, verified) == []
    assert met(origin, policy("example.org", "DOMAIN", verify=True)) == [
        ("example.org", "return_path", "bounce@example.org")
    ]


def test_verify_sender_of_an_address_or_server_asks_for_all_authors():
    """Neither of them says who writes."""
    network = policy("192.0.2.0/24", "IP", verify=True)
    origin = Origin(
        authors=("a@example.com", "b@example.net"), ip="192.0.2.1", authenticated=frozenset({"example.com"})
    )
    assert met(origin, network) == []
    assert met(origin._replace(authenticated=frozenset({"example.com", "example.net"})), network)
    assert met(Origin(ip="192.0.2.1", authenticated=frozenset({"example.com"})), network) == []


def test_roles_are_kept_apart():
    """A policy for recipients exempts no sender, one for senders no recipient, one without a role nobody."""
    recipient = policy("abuse@example.com", role="is_exempt_recipient")
    sender = policy("news@example.com", role="is_acceptable_sender")
    policies = AllowPolicies([recipient, sender, policy("none@example.com", role="verify_sender")])
    assert policies.of_sender(Origin(authors=("abuse@example.com",))) == []
    assert policies.of_recipient("news@example.com", Origin()) == []
    (found,) = policies.of_recipient("Abuse@Example.com", Origin())
    assert (found.policy, found.field, found.value) == (recipient, "recipient", "Abuse@Example.com")
    assert policies.of_sender(Origin(authors=("none@example.com",))) == []


def test_a_verified_recipient_asks_for_all_authors():
    """Of a message that nobody vouches for, nothing is exempt."""
    policies = AllowPolicies([policy("example.com", "DOMAIN", "is_exempt_recipient", verify=True)])
    origin = Origin(authors=("a@example.org",))
    assert policies.of_recipient("x@example.com", origin) == []
    assert policies.of_recipient("x@example.com", origin._replace(authenticated=frozenset({"example.org"})))


def test_an_empty_origin_meets_nothing():
    """Not even a pattern that matches everything; no policies, no matches."""
    assert met(Origin(), policy(".*", is_regex=True), policy(".*", "DOMAIN", is_regex=True)) == []
    assert met(Origin(authors=("",), reply_to=("",)), policy(".*", is_regex=True)) == []
    assert met(ORIGIN) == []
