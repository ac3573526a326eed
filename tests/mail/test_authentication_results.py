"""Authentication-Results are read in every spelling of RFC 8601, and what could be read in two ways is ambiguous."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.mail.authentication_results import (
    MAX_FIELD_SIZE,
    MAX_FIELDS,
    AuthenticationResults,
    MethodResult,
    read_authentication_results,
)
from sosie.mail.message import Message


def result(method, outcome, reason="", **properties):
    return MethodResult(method, outcome, reason, {name.replace("__", "."): value for name, value in properties.items()})


@pytest.mark.parametrize(
    ("value", "authserv_id", "results"),
    [  # RFC 8601, appendix B, with its comments and folds
        (b"example.org 1; none", "example.org", []),
        (
            b"example.com;\t  spf=pass smtp.mailfrom=example.net",
            "example.com",
            [result("spf", "pass", smtp__mailfrom="example.net")],
        ),
        (
            b"example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net",
            "example.com",
            [
                result("auth", "pass", smtp__auth="sender@example.net"),
                result("spf", "pass", smtp__mailfrom="example.net"),
            ],
        ),
        (
            b"example.com; sender-id=fail header.from=example.com; dkim=pass (good signature) header.d=example.com",
            "example.com",
            [
                result("sender-id", "fail", header__from="example.com"),
                result("dkim", "pass", header__d="example.com"),
            ],
        ),
        (
            (
                b'example.com; dkim=pass reason="good signature" header.i=@mail-router.example.net; '
                b'dkim=fail reason="bad signature" header.i=@newyork.example.com'
            ),
            "example.com",
            [
                result("dkim", "pass", "good signature", header__i="@mail-router.example.net"),
                result("dkim", "fail", "bad signature", header__i="@newyork.example.com"),
            ],
        ),
        (
            (
                b"foo.example.net (foobar) 1 (baz); dkim (Because) / 1 (One yay) = (wait for it) fail "
                b"policy (A dot can go here) . (like that) expired (this surprised me) = (as I wanted) 1362471462"
            ),
            "foo.example.net",
            [result("dkim", "fail", policy__expired="1362471462")],
        ),
    ],
)
def test_the_examples_of_rfc_8601_are_read(value, authserv_id, results):
    """Appendix B, down to comments in all places."""
    assert read_authentication_results(value) == AuthenticationResults(authserv_id, tuple(results))


@pytest.mark.parametrize(
    ("value", "authserv_id", "results"),
    [  # how mail systems write, with invented names
        (
            (
                b"mx.example.com;       dkim=pass header.i=@example.org header.s=s1 header.b=KxYbFp2R;       "
                b"spf=pass (example.com: domain of jane@example.org designates 192.0.2.1 as permitted sender) "
                b"smtp.mailfrom=jane@example.org;       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=example.org"
            ),
            "mx.example.com",
            [
                result("dkim", "pass", header__i="@example.org", header__s="s1", header__b="KxYbFp2R"),
                result("spf", "pass", smtp__mailfrom="jane@example.org"),
                result("dmarc", "pass", header__from="example.org"),
            ],
        ),
        (
            (
                b"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.org; dkim=none (message not signed) "
                b"header.d=none;dmarc=pass action=none header.from=example.org;compauth=pass reason=100"
            ),
            "",
            [
                result("spf", "pass", smtp__mailfrom="example.org"),
                result("dkim", "none", header__d="none"),
                result("dmarc", "pass", header__from="example.org"),
                result("compauth", "pass", "100"),
            ],
        ),
        (
            b"dkim=none (message not signed) header.d=none;example.com; dmarc=none header.from=example.org;",
            "",
            [result("dkim", "none", header__d="none"), result("dmarc", "none", header__from="example.org")],
        ),
        (
            b'mx.example.com (a filter); dkim=pass (key; open) header.d=example.org header.b="a/+="; dkim-atps=neutral',
            "mx.example.com",
            [result("dkim", "pass", header__d="example.org", header__b="a/+="), result("dkim-atps", "neutral")],
        ),
        (
            b"MX.example.com; DMARC=Pass(p=REJECT) Header.From=Example.ORG",
            "MX.example.com",
            [result("dmarc", "pass", header__from="Example.ORG")],
        ),
        (
            b"mx.example.com; spf=none smtp.mailfrom= smtp.helo=a.example; x-a=b x.y.z=1; iprev=pass policy.iprev=::1",
            "mx.example.com",
            [
                result("spf", "none", smtp__mailfrom="", smtp__helo="a.example"),
                result("x-a", "b"),
                result("iprev", "pass", policy__iprev="::1"),
            ],
        ),
        (
            b"mx.example.com; spf=pass ((nested (comment)) \\) here) smtp.mailfrom=<jane@example.org>",
            "mx.example.com",
            [result("spf", "pass", smtp__mailfrom="<jane@example.org>")],
        ),
        (
            "mx.bücher.example; dmarc=pass header.from=bücher.example".encode(),
            "mx.bücher.example",
            [result("dmarc", "pass", header__from="bücher.example")],
        ),
        (
            b'mx.example.com; spf=pass smtp.mailfrom="a;dmarc=pass header.from=example.com"@evil.example',
            "mx.example.com",
            [result("spf", "pass", smtp__mailfrom='"a;dmarc=pass header.from=example.com"@evil.example')],
        ),
        (
            b'mx.example.com; dkim=fail reason="x header.d=example.com; dmarc=pass"',
            "mx.example.com",
            [result("dkim", "fail", "x header.d=example.com; dmarc=pass")],
        ),
    ],
)
def test_what_mail_systems_write_is_read(value, authserv_id, results):
    """With comments, quotes, a missing authserv-id, empty values and properties of their own; none is ambiguous."""
    assert read_authentication_results(value) == AuthenticationResults(authserv_id, tuple(results))


def test_a_domain_made_for_readers_of_comments_is_nobodys():
    """A signer's `example.com(.evil.example` is copied into the field as it stands, closed or not."""
    for domain in ("example.com(.evil.example)", "example.com(.evil.example", "example.com(a(b).evil.example"):
        value = f"mx.example.org; dkim=pass header.d={domain} header.s=s; dmarc=fail header.from=example.com"
        found = read_authentication_results(value.encode())
        assert found.results[0].properties["header.d"] == domain
        assert found.results[1] == result("dmarc", "fail", header__from="example.com")
        assert found.ambiguous == (domain.count("(") != domain.count(")"))


@pytest.mark.parametrize(
    "value",
    [
        b"mx.example.org; spf=pass (domain of a)b;dmarc=pass header.from=example.com) smtp.mailfrom=x@evil.example",
        b"mx.example.org; spf=fail (helo=(((evil) smtp.mailfrom=x; dmarc=pass header.from=example.com",
        b'mx.example.org; spf=fail smtp.mailfrom="x; dmarc=pass header.from=example.com',
        b"mx.example.org; dmarc=pass header.from=evil.example header.from=example.com",
        b'"mx.example.org"; dmarc=pass header.from=example.com',
        b"(x) mx.example.org; dmarc=pass header.from=example.com",
        b"mx.example.org dmarc=pass header.from=example.com",
        b"mx.example.org mx.example.net; dmarc=pass header.from=example.com",
        b"mx.example.org; " + b"x=y;" * MAX_FIELD_SIZE,
        b"; dmarc=pass header.from=example.com",
        b"",
    ],
)
def test_what_two_readers_could_read_differently_is_ambiguous(value):
    """Quotes and parentheses that do not balance, a property or id that stands twice or is spelled oddly, a cut."""
    assert read_authentication_results(value).ambiguous


@pytest.mark.parametrize(
    "value",
    [b"mx.example.org; spf=pass (((evil smtp.mailfrom=x; dmarc=fail", b'mx.example.org; a=b c.d="x; dmarc=fail'],
)
def test_no_result_is_hidden_behind_what_nothing_closes(value):
    """A comment or quoted string without end is none."""
    assert read_authentication_results(value).results[-1].method == "dmarc"


@pytest.mark.parametrize(
    ("value", "authserv_id"),
    [
        (b"mx.example.com.; dmarc=pass", "mx.example.com."),
        (b'"mx.example.com;dmarc=pass"; dmarc=fail', "mx.example.com;dmarc=pass"),
        (b"mx.example.com(.evil.example); dmarc=pass", "mx.example.com(.evil.example)"),
        (b"mx.example.com mx.example.org; dmarc=pass", "mx.example.com mx.example.org"),
        (b"mx.example.com\t 1 ; dmarc=pass", "mx.example.com"),
        (b"mx.example.com 1a; dmarc=pass", "mx.example.com 1a"),
        (b"", ""),
    ],
)
def test_the_authserv_id_is_what_stands_there(value, authserv_id):
    """Without a version, and without quotes; a name that only begins like another is another."""
    assert read_authentication_results(value).authserv_id == authserv_id


def test_a_folded_field_is_read_from_the_header():
    """Folded anywhere, topmost first, with its place among the Received fields."""
    message = Message.from_bytes(
        b"Authentication-Results: mx.example.com;\r\n dmarc=pass\r\n\theader.from=example.org\r\n"
        b"Received: by mx.example.com\r\n"
        b"authentication-results:\r\n relay.example;\r\n spf=none\r\n\r\n"
    )
    assert message.authentication_results == (
        AuthenticationResults("mx.example.com", (result("dmarc", "pass", header__from="example.org"),)),
        AuthenticationResults("relay.example", (result("spf", "none"),), hop=1),
    )
    assert message.authentication_results is message.authentication_results


def test_of_many_fields_the_topmost_are_read():
    """Trusted hosts write on top; the rest only costs time."""
    fields = b"".join(b"Authentication-Results: a%d.example; none\r\n" % number for number in range(MAX_FIELDS + 5))
    found = Message.from_bytes(fields).authentication_results
    assert [field.authserv_id for field in found] == [f"a{number}.example" for number in range(MAX_FIELDS)]


def test_arc_results_have_their_instance():
    """RFC 8617, 4.1.1; one without is kept as instance 0 and is ambiguous in nothing else."""
    message = Message.from_bytes(
        b"ARC-Authentication-Results: i=2; mx.example.com; arc=pass (i=1 spf=pass) smtp.remote-ip=192.0.2.1\r\n"
        b"ARC-Authentication-Results: i = 1 ; relay.example 1; spf=pass smtp.mailfrom=example.org\r\n"
        b"ARC-Authentication-Results: odd.example; none\r\n\r\n"
    )
    assert [(found.instance, found.authserv_id) for found in message.arc_authentication_results] == [
        (2, "mx.example.com"),
        (1, "relay.example"),
        (0, "odd.example"),
    ]
    assert message.arc_authentication_results[0].results == (
        result("arc", "pass", smtp__remote_ip="192.0.2.1")._replace(properties={"smtp.remote-ip": "192.0.2.1"}),
    )
    assert not message.authentication_results


def test_signing_domains_are_those_of_the_signatures():
    """d= wherever it stands, in lower case, each once; nothing that only ends in "d=" or stands in another tag."""
    message = Message.from_bytes(
        b"DKIM-Signature: v=1; a=rsa-sha256; d = Example.com; bd=x.example; s=d=y\r\n"
        b"DKIM-Signature: d=example.org;v=1\r\nDKIM-Signature: v=1;\r\n d=example.com\r\nDKIM-Signature: v=1\r\n\r\n"
    )
    assert message.dkim_signing_domains == ("example.com", "example.org")


KEYWORD = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True)
SPACE = st.sampled_from(["", " ", "  ", "\t", "\r\n "])
COMMENT = st.text(st.sampled_from("ab;=. \"'@"), max_size=8).map(lambda text: f" ({text}) ") | st.sampled_from(
    [" (a (b;c=d) e) ", ' (\\) dmarc=pass ") ']
)
CFWS = SPACE | COMMENT
TOKEN = st.text(st.sampled_from("abcXYZ019.@-_+/<>[]:"), min_size=1, max_size=12)
QUOTABLE = st.text(st.sampled_from('ab ;()=.@"\\'), max_size=12)


@st.composite
def spelled_results(draw):
    """A field in any of its spellings, by the grammar of RFC 8601, 2.2, and what it says."""
    authserv_id = draw(st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True))
    text = authserv_id + draw(st.sampled_from(["", " 1", " (a;b) 1", "  (c)"]))
    results = []
    for _ in range(draw(st.integers(0, 4))):
        method, outcome = draw(KEYWORD), draw(KEYWORD)
        text += f"{draw(CFWS)};{draw(CFWS)}{method}{draw(CFWS)}={draw(CFWS)}{outcome}"
        reason = draw(st.none() | QUOTABLE)
        if reason is not None:
            text += " reason=" + quoted(reason)
        properties = {}
        for property_type, name in draw(st.lists(st.tuples(KEYWORD, KEYWORD), max_size=3, unique_by=lowered)):
            value, spelled = draw(
                TOKEN.map(lambda text: (text, text)) | QUOTABLE.map(lambda text: (text, quoted(text)))
            )
            text += f" {draw(CFWS)}{property_type}{draw(CFWS)}.{draw(CFWS)}{name}{draw(SPACE)}={draw(SPACE)}{spelled}"
            properties[f"{property_type}.{name}".lower()] = value
        results.append(MethodResult(method.lower(), outcome.lower(), reason or "", properties))
    return text if results else text + "; none", AuthenticationResults(authserv_id, tuple(results))


def lowered(pair):
    return tuple(map(str.lower, pair))


def quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@given(spelled_results())
def test_every_spelling_by_the_grammar_is_read_back(spelled):
    """What a host meant is what we read, and nothing of it is ambiguous."""
    text, meant = spelled
    message = Message.from_bytes(f"Authentication-Results: {text}\r\n\r\n".encode())
    assert message.authentication_results == (meant,)
