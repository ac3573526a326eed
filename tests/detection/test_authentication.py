"""What trusted results say of mail in a domain's name; what nobody trusted says is nothing."""

from __future__ import annotations

import pytest

from sosie.detection import authentication
from sosie.detection.authentication import FAILED, PASSED, UNDECIDED, UNKNOWN, UNPROVEN, aligned, standing_of
from sosie.mail.message import Message
from support.judgement import HOST


def standing(results: str, domain: str = "example.com", trusted: str = HOST):
    fields = "".join(f"Authentication-Results: {line}\r\n" for line in results.splitlines())
    return standing_of(domain, Message.from_bytes(fields.encode() + b"\r\n").trusted_results({trusted}))


@pytest.mark.parametrize(
    ("results", "wanted"),
    [
        ("", UNKNOWN),
        (f"{HOST}; none", UNPROVEN),
        (f"{HOST}; dmarc=pass header.from=example.com", PASSED),
        (f"{HOST}; dmarc=pass", PASSED),
        (f"{HOST}; dmarc=fail header.from=example.com", FAILED),
        (f"{HOST}; dmarc=fail header.from=example.com; dkim=pass header.d=example.com", FAILED),
        (f"{HOST}; dmarc=fail header.from=other.example", UNPROVEN),
        (f"{HOST}; dmarc=none header.from=example.com", UNPROVEN),
        (f"{HOST}; dmarc=temperror header.from=example.com", UNDECIDED),
        (f"{HOST}; dmarc=temperror header.from=example.com; spf=fail smtp.mailfrom=x@example.com", UNDECIDED),
        (f"{HOST}; dmarc=temperror header.from=example.com; dkim=pass header.d=example.com", PASSED),
        (f"{HOST}; dmarc=temperror header.from=other.example", UNPROVEN),
        (f"{HOST}; dkim=pass header.d=example.com", PASSED),
        (f"{HOST}; dkim=pass header.d=mail.example.com", PASSED),
        (f"{HOST}; dkim=pass header.d=bulk.example", UNPROVEN),
        (f"{HOST}; dkim=fail header.d=example.com", UNPROVEN),
        (f"{HOST}; spf=pass smtp.mailfrom=x@example.com", PASSED),
        (f"{HOST}; spf=pass smtp.mailfrom=x@bulk.example", UNPROVEN),
        (f"{HOST}; spf=fail smtp.mailfrom=x@example.com", FAILED),
        (f"{HOST}; spf=fail smtp.mailfrom=x@example.com; dkim=pass header.d=example.com", PASSED),
        (f"{HOST}; spf=softfail smtp.mailfrom=x@example.com", UNPROVEN),
        (f"{HOST}; spf=fail smtp.mailfrom=x@bulk.example", UNPROVEN),
        ("mx.stranger.example; dmarc=pass header.from=example.com", UNKNOWN),
        (f"evil.{HOST}; dmarc=pass header.from=example.com", UNKNOWN),
    ],
)
def test_the_standing_that_results_give(results, wanted):
    """DMARC before all else, then an aligned signature, then SPF; about another domain nothing counts."""
    assert standing(results) is wanted


def test_the_hosts_name_is_compared_in_any_case():
    """As domain names are."""
    assert standing(f"{HOST.upper()}; dmarc=pass header.from=example.com") is PASSED


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("example.com", "EXAMPLE.COM", True),
        ("a.example.com", "b.example.com", True),
        ("example.com", "example.net", False),
        ("a.co.uk", "b.co.uk", False),
        ("x.a.co.uk", "a.co.uk", True),
        ("example.com.evil.example", "example.com", False),
        ("notexample.com", "example.com", False),
        ("com", "com", True),
        ("co.uk", "org.uk", False),
        ("[192.0.2.1]", "[192.0.2.2]", False),
        ("", "", False),
        ("", "example.com", False),
    ],
)
def test_what_is_aligned(one, other, wanted):
    """Two domains of one registrable domain, and never two of a public suffix; either way round."""
    assert aligned(one, other) is wanted
    assert aligned(other, one) is wanted


def test_of_what_is_no_domain_nothing_is_remembered():
    """A sender who writes domains of a hundred thousand letters fills no memory with them, and gets the same answer."""
    before = authentication._remembered.cache_info().currsize
    assert aligned("x" * 100_000 + ".example.com", "mail.example.com")
    assert not aligned("mail.example.com", "x" * 100_000 + ".example.net")
    assert authentication._remembered.cache_info().currsize == before
