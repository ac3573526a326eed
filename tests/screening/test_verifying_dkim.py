"""Signatures are verified as RFC 6376 and RFC 8463 say, and refused where RFC 8301 does."""

from __future__ import annotations

import base64
import time

import pytest

from support.verifying import ED25519, ED25519_RECORD, LETTER, dkim, header_of, rsa_key, signed, world

__all__ = ["world"]

# RFC 8463, A.2 and A.3.
FOOTBALL_KEYS = {
    "brisbane": "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "test": "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi"
    "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT"
    "+l/K4w3QIDAQAB",
}
FOOTBALL_LETTER = """\
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
BY_ED25519 = """\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
"""
BY_RSA = """\
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
"""

# RFC 6376, A.2 and C.
OLD_KEY = (
    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYf"
    "cTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)
OLD_LETTER = """\
DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;
      c=simple/simple; q=dns/txt; i=joe@football.example.com;
      h=Received : From : To : Subject : Date : Message-ID;
      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB
        4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut
        KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV
        4bmp/YzhwvcubU4=;
Received: from client1.football.example.com  [192.0.2.1]
      by submitserver.example.com with SUBMISSION;
      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)
""" + FOOTBALL_LETTER.replace("game.  Are", "game. Are")


@pytest.fixture
def football(world):
    for selector, record in FOOTBALL_KEYS.items():
        world.dns.text(f"{selector}._domainkey.football.example.com", record)
    world.dns.text("brisbane._domainkey.example.com", OLD_KEY)
    return world


@pytest.mark.parametrize("field", [BY_ED25519, BY_RSA], ids=["ed25519", "rsa"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_the_letter_of_rfc_8463(football, field, line_end):
    """Either signature passes, however the lines end; another word in the body, and it fails."""
    letter = (field + FOOTBALL_LETTER).replace("\n", line_end)
    results = football.verify(letter)
    assert (results.dkim, results.dkim_pass_domains) == ("pass", ("football.example.com",))
    assert results.dkim_identities == ("@football.example.com",)
    changed = football.verify(letter.replace("hungry", "thirsty"))
    assert (changed.dkim, changed.dkim_pass_domains) == ("fail", ())
    assert changed.dkim_fail_domains == ("football.example.com",)


def test_the_letter_of_rfc_6376(football):
    """The simple canonical form, in which one blank more makes it another letter."""
    assert football.verify(OLD_LETTER).dkim_pass_domains == ("example.com",)
    assert football.verify(OLD_LETTER.replace("Is dinner", "Is  dinner")).dkim == "fail"


@pytest.mark.parametrize(
    "canonicalize", [(header, body) for header in (b"simple", b"relaxed") for body in (b"simple", b"relaxed")]
)
@pytest.mark.parametrize(
    "body",
    ["", "\r\n", "\r\n\r\n", "text", "text\r\n\r\n\r\n", "a \t b \r\n \r\n", "a\r\n\r\n" * 100_000],
    ids=["none", "empty", "two", "unended", "trailing", "blanks", "long"],
)
def test_bodies_of_every_form(world, canonicalize, body):
    """What another signer signs is verified here, to the last empty line."""
    letter = LETTER.partition("\r\n\r\n")[0] + "\r\n\r\n" + body
    assert world.verify(signed(letter, canonicalize=canonicalize)).dkim == "pass"


def test_a_changed_field_fails(world):
    """And so does a From field that was added on top, or below."""
    raw = signed()
    assert world.verify(raw.replace(b"Minutes", b"Invoice")).dkim == "fail"
    added = b"From: John Doe <john.doe@example.com>\r\n"
    assert world.verify(added + raw).dkim == "fail"
    assert world.verify(raw.replace(b"Subject:", added + b"Subject:")).dkim == "fail"


def test_a_field_that_some_programs_take_for_from_makes_no_pass(world):
    """The judgement reads it as an author, so a signature that does not cover it covers nothing."""
    for odd in (b"From : John Doe <john.doe@example.com>\r\n", b"X: y\rFrom: John Doe <john.doe@example.com>\r\n"):
        assert world.verify(odd + signed()).dkim_pass_domains == ()
        assert world.verify(odd + signed(canonicalize=(b"simple", b"simple"))).dkim_pass_domains == ()


@pytest.mark.parametrize(
    ("bits", "result"), [(512, "policy"), (1016, "policy"), (1024, "pass"), (2048, "pass"), (4096, "pass")]
)
def test_rsa_keys_by_size(world, bits, result):
    """Below 1024 bits a key is everybody's (RFC 8301, 3.2)."""
    key, record = rsa_key(bits)
    world.dns.text("s1._domainkey.example.com", record)
    assert world.verify(signed(key=key)).dkim == result


def test_sha1_is_not_accepted(world):
    """RFC 8301, 3.1."""
    key, record = rsa_key(1024)
    world.dns.text("s1._domainkey.example.com", record)
    assert world.verify(signed(key=key, signature_algorithm=b"rsa-sha1")).dkim == "policy"
    assert world.verify(signed(key=key)).dkim == "pass"


def test_a_body_that_is_signed_in_part(world):
    """As long as nothing follows, it counts; and no longer when somebody adds a line (RFC 6376, 8.2)."""
    raw = signed(length=True)
    assert b" l=" in raw
    assert world.verify(raw).dkim == "pass"
    assert world.verify(raw + b"And bring 500 dollars.\r\n").dkim == "policy"
    assert world.verify(raw.replace(b"See you at noon.\r\n", b"\r\n")).dkim == "fail"


def _resigned(*changes: tuple[bytes, bytes]) -> bytes:
    """A letter whose signature says something else, and is right about it: tags are changed, then signed."""
    raw = signed()
    field, letter = raw[: raw.index(b"From:")], raw[raw.index(b"From:") :]
    for old, new in changes:
        assert old in field
        field = field.replace(old, new)
    signer = dkim.DKIM(letter)
    hashed = dkim.HashThrough(dkim.HASH_ALGORITHMS[b"rsa-sha256"]())
    name, value = field.split(b":", 1)
    value = value[: value.rindex(b"b=") + 2]
    headers = dkim.CanonicalizationPolicy.from_c_value(b"relaxed/simple").canonicalize_headers(signer.headers)
    dkim.hash_headers(
        hashed,
        dkim.CanonicalizationPolicy.from_c_value(b"relaxed/simple"),
        headers,
        [b"from", b"to", b"subject", b"from"],
        [name, value],
        {},
    )
    made = dkim.nacl.signing.SigningKey(base64.b64decode(ED25519)).sign(hashed.digest()).signature
    return name + b":" + value + base64.b64encode(made) + b"\r\n" + letter


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ((b"v=1;", b"v=1;"), "pass"),
        ((b"v=1;", b"v=1; x=1000000000;"), "permerror"),
        ((b"v=1;", b"v=1; t=99999999999;"), "permerror"),
        ((b"v=1;", b"v=2;"), "permerror"),
        ((b"v=1;", b"v=1; l=99999;"), "fail"),
        ((b"v=1;", b"v=1; c=odd;"), "permerror"),
        ((b"v=1;", b"v=1; v=1;"), "permerror"),
        ((b"d=example.com;", b"d=example.com; i=x@example.org;"), "permerror"),
        ((b"q=dns/txt;", b"q=web/txt;"), "permerror"),
    ],
    ids=lambda one: one[1].decode() if isinstance(one, tuple) else one,
)
def test_tags_that_a_signature_may_not_have(world, change, result):
    """Even if they are signed."""
    assert world.verify(_resigned(change)).dkim == result


@pytest.mark.parametrize(
    ("record", "result"),
    [
        (ED25519_RECORD, "pass"),
        (ED25519_RECORD + "; t=s:y", "pass"),
        (ED25519_RECORD + "; s=email; h=sha256", "pass"),
        (ED25519_RECORD + "; s=tlsrpt : email", "pass"),
        (ED25519_RECORD + "; s=tlsrpt", "permerror"),
        (ED25519_RECORD + "; h=sha1", "permerror"),
        (ED25519_RECORD.replace("ed25519", "rsa"), "permerror"),
        (ED25519_RECORD.replace("DKIM1", "DKIM2"), "permerror"),
        ("v=DKIM1; k=ed25519; p=", "permerror"),
        ("v=DKIM1; k=ed25519; p=####", "permerror"),
        ("hello", "permerror"),
        ("", "permerror"),
    ],
)
def test_records_of_keys(world, record, result):
    """A key may be revoked, for something else, or nonsense (RFC 6376, 3.6.1)."""
    world.dns.text("s1._domainkey.example.com", record)
    assert world.verify(signed()).dkim == result


def test_no_key_and_no_answer(world):
    """A key that is not there is final; where the DNS does not say, a later try may say more."""
    world.dns.zone["s1._domainkey.example.com"] = "servfail"
    assert world.verify(signed()).dkim == "temperror"
    assert world.verify(signed(domain="example.org")).dkim == "permerror"
    assert world.verify(LETTER).dkim == "none"


@pytest.mark.parametrize("whole", [False, True], ids=["it is said", "it looks like an empty one"])
def test_without_the_body_nothing_is_vouched_for(world, whole):
    """A signature of which the fields are right is neither right nor wrong."""
    results = world.verify(header_of(signed()), whole=whole)
    assert (results.dkim, results.dkim_pass_domains, results.dkim_fail_domains) == ("", (), ())
    assert results.dmarc == "temperror"
    assert world.verify(header_of(LETTER.encode()), whole=whole).dkim == "none"


def test_an_empty_body_that_is_signed(world):
    """It is a whole one."""
    assert world.verify(signed(LETTER.replace("See you at noon.\r\n", ""))).dkim == "pass"


def test_a_body_too_long_to_be_kept(world):
    """Its beginning proves nothing, and that is an error of ours: not what the domain says of the letter."""
    results = world.verify(signed() + b"x" * 1000, whole=False)
    assert (results.dkim, results.dmarc, results.dkim_pass_domains) == ("temperror", "temperror", ())


@pytest.mark.parametrize("body", [b"", b"Pay this." + b"x" * 1000], ids=["none", "too long"])
def test_a_made_up_signature_is_refuted_without_the_body(world, body):
    """The fields are signed, too, and with them what the body's hash should be: so padding hides nobody."""
    forged = header_of(signed()).replace(b"Minutes", b"Invoice") + body
    results = world.verify(forged, whole=False)
    assert (results.dkim, results.dmarc) == ("fail", "fail")


def test_of_a_hundred_signatures_those_that_matter(world):
    """Five are verified, the author's own among them, wherever it stands."""
    junk = b"".join(signed(domain=f"d{number}.evil.example").partition(b"From:")[0] for number in range(99))
    results = world.verify(junk + signed())
    assert results.dkim_pass_domains == ("example.com",)
    assert len({name for name in world.names_asked() if "_domainkey" in name}) == 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"h=from", b"h=" + b"a:" * 3000 + b"from"),
        (b" b=", b" b=" + b"A" * 6000),
        (b" b=", b" b=aaaa" + b"\r\n " * 2500 + b"; z="),
        (b"d=example", b" " * 200_000 + b"d=example"),
        (b"s=s1", b"s=" + b"s." * 3000),
        (b"t=1", b"t=" + b"1" * 5000),
        (b"at noon.", b" " * 4_000_000 + b"x" + b"\r\n" * 2_000_000),
        (b"at noon.", b"x" * 8_000_000),
        (b"Subject:", b"A: b\r\n" * 1900 + b"Subject:"),
    ],
    ids=["fields", "value", "folds", "blanks", "selector", "digits", "blank body", "one line", "many fields"],
)
def test_what_costs_much_takes_no_time(world, old, new):
    """A letter made to keep us busy is refused, or verified as fast as any."""
    raw = signed(canonicalize=(b"relaxed", b"relaxed"))
    assert old in raw
    hostile = raw.replace(old, new, 1)
    field = hostile.partition(b"From:")[0]
    began = time.thread_time()
    world.verify(field * 4 + hostile)
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize(("modulus", "exponent"), [(1400, 3), (1400, 1400), (512, 512)])
def test_keys_that_cost_much_are_malformed(world, modulus, exponent):
    """RFC 8301, 3.2 asks for 4096 bits; reckoning with more, or with a large exponent, would stop all threads."""
    key = base64.b64encode(_spki(b"\x7f" * modulus, b"\x7f" * exponent)).decode()
    world.dns.text("s1._domainkey.example.com", f"v=DKIM1; k=rsa; p={key}")
    began = time.thread_time()
    assert world.verify(signed().replace(b"ed25519-sha256", b"rsa-sha256")).dkim == "permerror"
    assert time.thread_time() - began < 0.2


def _spki(modulus: bytes, exponent: bytes) -> bytes:
    """An RSA key as RFC 8017, A.1.1 has it."""

    def der(tag: int, content: bytes) -> bytes:
        length = len(content)
        return bytes([tag, 0x82, length >> 8, length & 255]) + content

    return der(0x30, der(2, modulus) + der(2, exponent))
