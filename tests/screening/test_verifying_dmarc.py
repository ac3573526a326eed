"""DMARC says whether the author's domain vouches for the mail, as RFC 9989 has it."""

from __future__ import annotations

import time

import pytest

from sosie.detection.authentication import FAILED, standing_of
from sosie.detection.exemptions import Envelope
from support.verifying import ED25519_RECORD, EVIL_IP, IP, LETTER, signed, world

__all__ = ["world"]


def letter(author):
    return LETTER.replace("Jane Roe <jane.roe@example.com>", author)


def sent_by(domain, ip=IP):
    return Envelope(f"bounce@{domain}", (), ip)


def test_spf_alone(world):
    """The return path is the author's domain, and the host is one of its."""
    results = world.verify(LETTER, sent_by("example.com"))
    assert (results.dmarc, results.dmarc_domain, results.spf) == ("pass", "example.com", "pass")


def test_dkim_alone(world):
    """Sent by somebody else's host, signed by the author's domain."""
    results = world.verify(signed())
    assert (results.dmarc, results.spf, results.spf_domain) == ("pass", "pass", "evil.example")


def test_somebody_elses_passes_are_no_pass(world):
    """evil.example signs and sends, and both are right; the author is not its."""
    results = world.verify(signed(domain="evil.example"))
    assert (results.dmarc, results.dkim, results.spf) == ("fail", "pass", "pass")
    assert results.present
    assert results.authserv_ids == ("sosie",)


def test_without_a_policy_dmarc_does_not_apply(world):
    """Not a failure: nobody has said that it matters (RFC 9989, 5.3.2)."""
    world.dns.zone.pop("_dmarc.example.com")
    assert world.verify(LETTER).dmarc == "none"
    assert world.verify(signed()).dmarc == "none"


@pytest.mark.parametrize(
    ("records", "result"),
    [
        (["v=DMARC1; p=none"], "fail"),
        (["V = DMARC1; P = reject"], "fail"),
        (["v=dmarc1; p=reject"], "none"),
        (["v=DMARC1; P = Reject"], "fail"),
        (["v=DMARC1;p=none;rua=mailto:d@example.com"], "fail"),
        (["v=DMARC1; rua=mailto:d@example.com"], "fail"),
        (["v=DMARC1; p=typo; rua=mailto:d@example.com"], "fail"),
        (["v=DMARC1; p=typo"], "none"),
        (["v=DMARC1; p=reject; sp=typo"], "none"),
        (["v=DMARC1"], "fail"),
        (["v=DMARC1; adkim=s"], "fail"),
        (["v=DMARC1; np=typo"], "none"),
        (["v=DMARC2; p=reject"], "none"),
        (["p=reject; v=DMARC1"], "none"),
        (["v=DMARC1; p=reject", "v=DMARC1; p=none"], "none"),
        (["hello", "v=DMARC1; p=reject"], "fail"),
        (["v=DMARC1; p=reject; x=" + "x" * 5000], "none"),
    ],
    ids=lambda one: str(one)[:50],
)
def test_records(world, records, result):
    """What is a policy, and what is none (RFC 9989, 4.7, 4.10 and 4.10.1)."""
    world.dns.text("_dmarc.example.com", *records)
    assert world.verify(LETTER).dmarc == result


@pytest.mark.parametrize(
    ("tags", "signer", "return_path", "result"),
    [
        ("", "mail.example.com", "evil.example", "pass"),
        ("; adkim=r", "mail.example.com", "evil.example", "pass"),
        ("; adkim=s", "mail.example.com", "evil.example", "fail"),
        ("; adkim=s", "example.com", "evil.example", "pass"),
        ("; aspf=s", "mail.example.com", "evil.example", "pass"),
        ("", "evil.example", "mail.example.com", "pass"),
        ("; aspf=s", "evil.example", "mail.example.com", "fail"),
        ("; aspf=s", "evil.example", "example.com", "pass"),
        ("", "notexample.com", "evil.example", "fail"),
        ("", "com", "evil.example", "fail"),
        ("", "example.com.evil.example", "evil.example", "fail"),
    ],
)
def test_alignment(world, tags, signer, return_path, result):
    """Relaxed unless the policy is strict; a name that only ends in the same letters is another's."""
    world.dns.text("_dmarc.example.com", "v=DMARC1; p=reject" + tags)
    world.dns.text(f"s1._domainkey.{signer}", ED25519_RECORD)
    world.dns.text("mail.example.com", f"v=spf1 ip4:{EVIL_IP} -all")
    world.dns.text("example.com", f"v=spf1 ip4:{EVIL_IP} -all")
    assert world.verify(signed(domain=signer), sent_by(return_path, EVIL_IP)).dmarc == result


@pytest.mark.parametrize(
    ("policies", "author", "signer", "result"),
    [
        # RFC 9989, 4.10.2 and B.4: whose a name is.
        ({"mail.example.com": "", "example.com": ""}, "a.mail.example.com", "example.com", "pass"),
        ({"mail.example.com": "; psd=n", "example.com": ""}, "a.mail.example.com", "example.com", "fail"),
        ({"mail.example.com": "; psd=n", "example.com": ""}, "a.mail.example.com", "b.mail.example.com", "pass"),
        ({"com": "; psd=y"}, "a.mail.example.com", "b.example.com", "pass"),
        ({"com": "; psd=y"}, "a.mail.example.com", "b.example2.com", "fail"),
        (
            {"bank.example": "; psd=y", "giant.bank.example": ""},
            "giant.bank.example",
            "mail.giant.bank.example",
            "pass",
        ),
        ({"bank.example": "; psd=y", "giant.bank.example": ""}, "giant.bank.example", "mail.mega.bank.example", "fail"),
        ({"example.com": ""}, "example.com", "x.hosted.example.com", "pass"),
        ({"example.com": "", "hosted.example.com": "; psd=n"}, "example.com", "x.hosted.example.com", "fail"),
        ({}, "a.example.com", "a.example.com", "none"),
    ],
)
def test_whose_a_name_is(world, policies, author, signer, result):
    """The walk up the tree, from the author and from who signed."""
    world.dns.zone.pop("_dmarc.example.com")
    for domain, tags in policies.items():
        world.dns.text(f"_dmarc.{domain}", "v=DMARC1; p=reject" + tags)
    world.dns.text(f"s1._domainkey.{signer}", ED25519_RECORD)
    assert world.verify(signed(letter(f"<x@{author}>"), signer)).dmarc == result


def test_a_walk_asks_eight_times(world):
    """However many labels there are (RFC 9989, 4.10): the name itself, and the last seven."""
    world.verify(letter("<x@a.b.c.d.e.f.g.h.mail.example.com>"))
    asked = sorted((name for name in world.names_asked() if name.startswith("_dmarc")), key=len)
    assert asked == [
        "_dmarc." + name
        for name in (
            "com", "example.com", "mail.example.com", "h.mail.example.com", "g.h.mail.example.com",
            "f.g.h.mail.example.com", "e.f.g.h.mail.example.com", "a.b.c.d.e.f.g.h.mail.example.com",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    "author",
    [
        "Jane <jane.roe@example.com>, X <x@evil.example>",
        "X <x@evil.example>\r\nFrom: Jane <jane.roe@example.com>",
        "Jane <jane.roe@example.com>\r\nFrom: X <x@evil.example>",
        "<a@a.example>, <b@b.example>, <c@c.example>, Jane <jane.roe@example.com>",
    ],
)
def test_several_authors(world, author):
    """Whoever is worst off decides: a pass for one domain makes no pass for another (RFC 9989, 5.3.1 and 11.5)."""
    world.dns.text("_dmarc.evil.example", "v=DMARC1; p=none")
    results = world.verify(signed(letter(author), "evil.example"))
    assert results.dmarc == "fail"
    assert results.dmarc_domain == ""


def test_no_author_hides_another(world):
    """A failure is that of all authors: who fails for a domain of his own first has not failed for that alone."""
    world.dns.text("_dmarc.evil.example", "v=DMARC1; p=reject")
    results = world.verify(letter("X <x@evil.example>, Jane <jane.roe@example.com>"), sent_by("elsewhere.example"))
    assert standing_of("example.com", results) is FAILED


def test_two_authors_of_one_domain(world):
    """There is one author's domain, so it is as ever."""
    assert (
        world.verify(letter("<jane.roe@example.com>, <john.doe@EXAMPLE.com>"), sent_by("example.com")).dmarc == "pass"
    )


@pytest.mark.parametrize("author", ["", "Jane Roe", "undisclosed:;", "<@>"])
def test_no_author(world, author):
    """Nothing can be asked."""
    assert world.verify(letter(author)).dmarc == "permerror"


def test_a_domain_in_letters_of_another_script(world):
    """DNS knows its A-label (RFC 5890, 2.3.2.1)."""
    world.dns.text("_dmarc.xn--bcher-kva.example", "v=DMARC1; p=reject")
    results = world.verify(letter("<x@b\u00fccher.example>"))
    assert (results.dmarc, results.dmarc_domain) == ("fail", "xn--bcher-kva.example")


def test_the_authors_dns_is_away(world):
    """Neither pass nor fail (RFC 9989, 5.3.6)."""
    world.dns.zone["_dmarc.example.com"] = "servfail"
    assert world.verify(LETTER).dmarc == "temperror"


@pytest.mark.parametrize("broken", ["s1._domainkey.example.com", "example.com"])
def test_what_might_have_passed_is_no_failure(world, broken):
    """A key or a record of the author's own domain that cannot be had now."""
    world.dns.zone[broken] = "servfail"
    raw = signed() if "_domainkey" in broken else LETTER.encode()
    assert world.verify(raw, sent_by("example.com" if raw == LETTER.encode() else "evil.example")).dmarc == "temperror"


@pytest.mark.parametrize("state", ["servfail", "silent"])
def test_a_forgers_own_servers_change_nothing(world, state):
    """Dead or slow, they are asked last, and not for long: the forgery is known for one all the same."""
    for name in ("slow.example", "s1._domainkey.slow.example", "_dmarc.slow.example", "s1._domainkey.b.slow.example"):
        world.dns.zone[name] = state
    raw = signed(signed(domain="slow.example").decode(), "b.slow.example")
    began = time.perf_counter()
    results = world.verify(raw, sent_by("slow.example"))
    assert time.perf_counter() - began < 2.5
    assert (results.dmarc, results.dmarc_domain, results.spf) == ("fail", "example.com", "temperror")


def test_a_second_authors_servers_change_nothing(world):
    """However slow they are, the first one's domain is asked in time."""
    world.dns.zone["_dmarc.slow.example"] = "silent"
    raw = letter("<x@slow.example>, <y@b.slow.example>, Jane Roe <jane.roe@example.com>")
    world.dns.zone["_dmarc.b.slow.example"] = "silent"
    results = world.verify(raw, seconds=2.0)
    assert (results.dmarc, standing_of("example.com", results)) == ("fail", FAILED)


@pytest.mark.parametrize(
    ("author", "signer", "key_at"),
    [
        ("stra\u00dfe.example", "stra\u00dfe.example", "strasse.example"),
        ("example.com", "x\\.example.com", "x.example.com"),
        ("example.com", "\uff45xample.com", "example.com"),
        ("example.com", "example.com.evil.example", "example.com.evil.example"),
    ],
)
def test_the_name_that_is_asked_is_the_name_that_is_compared(world, author, signer, key_at):
    """Nobody signs for a name by a key at another that some library takes for the same (IDNA 2003, escapes)."""
    world.dns.zone.pop("s1._domainkey.example.com")
    world.dns.text("_dmarc.xn--strae-oqa.example", "v=DMARC1; p=reject")
    world.dns.text(f"s1._domainkey.{key_at}", ED25519_RECORD)
    world.dns.zone["s1._domainkey.x\\.example.com"] = world.dns.zone[f"s1._domainkey.{key_at}"]
    assert world.verify(signed(letter(f"<x@{author}>"), signer)).dmarc == "fail"


def test_an_escaped_dot_is_no_dot(world):
    """`x\\.example.com` is a name in com, and not one of example.com's."""
    world.dns.text("x\\.example.com", "v=spf1 +all")
    assert world.verify(LETTER, sent_by("x\\.example.com")).dmarc == "fail"


def test_without_the_body_only_what_is_certain(world):
    """A signature of the author's might be right; one of somebody else's, or none, cannot help."""
    assert world.verify(signed(), whole=False).dmarc == "temperror"
    assert world.verify(signed(), sent_by("example.com"), whole=False).dmarc == "pass"
    assert world.verify(signed(domain="evil.example"), whole=False).dmarc == "fail"
    assert world.verify(LETTER, whole=False).dmarc == "fail"


def test_of_a_stored_letter_nothing_is_refuted(world):
    """Nobody says who brought it: a signature may vouch for it, and SPF might have."""
    assert world.verify(signed(), Envelope()).dmarc == "pass"
    assert world.verify(LETTER, Envelope()).dmarc == "temperror"
