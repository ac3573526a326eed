"""Only the results of trusted hosts count, the topmost decide, and no forgery makes a "pass" or hides a "fail"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.mail.message import Message
from sosie.mail.trusted_results import TrustedResults

MX = "mx.example.com"
FAIL = "mx.example.com; dmarc=fail header.from=example.com"
FORGED = "mx.example.com; dmarc=pass header.from=example.com"


def message(*values, before="", end="\r\n"):
    fields = [value if ": " in value else f"Authentication-Results: {value}" for value in values]
    return Message.from_bytes((before + "".join(field + end for field in (*fields, "From: x@y.example"))).encode())


def results(*values, trusted=(MX,), before=""):
    return message(*values, before=before).trusted_results(trusted)


def test_the_results_of_the_trusted_host_are_summed_up():
    """From one field or from one for each method."""
    parts = [
        "dkim=pass header.i=@news.example.org header.d=Example.org; dkim=fail header.d=list.example.net",
        "dkim=pass header.i=@example.org; dkim=pass header.i=jane@Other.example",
        "spf=pass smtp.mailfrom=bounces@Mail.Example.org smtp.helo=a.example",
        "dmarc=pass (p=reject) header.from=Example.ORG",
        "arc=none",
    ]
    whole = results(f"{MX}; " + "; ".join(parts))
    assert whole == results(*(f"{MX}; {part}" for part in parts))
    assert whole == TrustedResults(
        dmarc="pass",
        dmarc_domain="example.org",
        spf="pass",
        spf_domain="mail.example.org",
        dkim="pass",
        dkim_pass_domains=("example.org", "other.example"),
        dkim_fail_domains=("list.example.net",),
        dkim_identities=("@news.example.org", "@example.org", "jane@Other.example"),
        arc="none",
        authserv_ids=(MX,),
    )
    assert whole.present


def test_without_a_field_of_a_trusted_host_nothing_is_known():
    """Whatever strangers say; and nothing is trusted by default."""
    assert results(f"evil.example; dmarc=pass header.from={MX}") == TrustedResults()
    assert results(FORGED, trusted=()) == TrustedResults()
    assert results("dmarc=pass header.from=example.com", trusted=("",)) == TrustedResults()
    assert not TrustedResults().present


def test_a_host_that_says_none_is_present():
    """RFC 8601, 2.2: authentication was not performed, which is another thing than no field."""
    assert results(f"{MX}; none") == TrustedResults(authserv_ids=(MX,))


def test_ids_are_compared_without_case():
    """They are domain names, nearly always."""
    assert results("MX.Example.COM 1; spf=none", trusted=["mx.EXAMPLE.com"]).spf == "none"


@pytest.mark.parametrize(
    "authserv_id",
    [
        "mx.example.com.",
        "mx.example.com.evil.example",
        "evil.mx.example.com",
        "mx.example.com(.evil.example)",
        "mx.example.com(.evil.example",
        "mx.example.com evil.example",
        "evil.example mx.example.com",
        '"mx.example.com; x"',
        "mx.example.com,evil.example",
        "mх.example.com",  # a Cyrillic letter
        "=?utf-8?q?mx=2Eexample=2Ecom?=",
        "",
    ],
)
def test_a_name_that_only_looks_like_the_host_is_a_strangers(authserv_id):
    """It gives no result, and is found among the foreign ones."""
    forged = message(f"{authserv_id}; dmarc=pass header.from=example.com")
    assert not forged.trusted_results([MX]).present
    assert forged.foreign_results([MX]) == forged.authentication_results != ()


def test_foreign_results_are_those_of_all_others():
    """In their order; the trusted ones are not among them."""
    found = message("a.example; none", FAIL, "b.example; spf=pass").foreign_results(["MX.example.com"])
    assert [field.authserv_id for field in found] == ["a.example", "b.example"]


def test_the_topmost_result_decides_and_a_better_one_below_is_a_contradiction():
    """The host did not remove what the message brought along; RFC 8601, 5."""
    assert results(FAIL, FORGED) == TrustedResults("fail", "example.com", contradictory=True, authserv_ids=(MX,))
    found = results(f"{MX}; spf=fail smtp.mailfrom=x@example.com; dkim=none", f"{MX}; dkim=pass header.d=example.com")
    assert (found.dkim, found.dkim_pass_domains, found.contradictory) == ("pass", ("example.com",), False)
    found = results(f"{MX}; dkim=none", "Received: x", f"{MX}; dkim=pass header.d=example.com")
    assert (found.dkim, found.dkim_pass_domains, found.contradictory) == ("none", (), True)
    found = results(f"{MX}; dkim=fail header.d=a.example", "Received: x", f"{MX}; dkim=pass header.d=a.example")
    assert (found.dkim, found.dkim_fail_domains, found.contradictory) == ("fail", ("a.example",), True)
    found = results(f"{MX}; spf=fail smtp.mailfrom=a.example", f"{MX}; spf=pass smtp.mailfrom=a.example")
    assert (found.spf, found.contradictory) == ("fail", True)


def test_a_weaker_result_below_is_no_contradiction():
    """Nobody forges one, and some relays write in the name of whom they deliver to, before its own host does."""
    found = results(FORGED, "Received: x", "mx.example.com; dmarc=none header.from=example.com; dkim=none; arc=fail")
    assert (found.dmarc, found.dkim, found.arc, found.contradictory) == ("pass", "none", "fail", False)


def test_a_pass_about_another_domain_is_no_contradiction():
    """A list that rewrites From between two passes through the host has another author domain."""
    found = results("mx.example.com; dmarc=fail header.from=list.example.org", FORGED)
    assert (found.dmarc, found.dmarc_domain, found.contradictory) == ("fail", "list.example.org", False)


def test_of_several_trusted_hosts_the_topmost_that_speaks_of_a_method_decides():
    """An inner host may add what the border did not look at."""
    found = results(
        "inner.example.com; dkim=pass header.d=example.org", "Received: x", FAIL, trusted=[MX, "inner.example.com"]
    )
    assert (found.dkim, found.dmarc, found.authserv_ids) == ("pass", "fail", ("inner.example.com", MX))


@pytest.mark.parametrize(
    "value",
    [
        "mx.example.com; spf=none (domain of a)b; dmarc=pass header.from=example.com) x.y=z",
        "mx.example.com; spf=none (helo=((; dmarc=pass header.from=example.com",
        'mx.example.com; spf=none smtp.mailfrom="; dmarc=pass header.from=example.com',
        '"mx.example.com"; dmarc=pass header.from=example.com',
        "(x) mx.example.com; dmarc=pass header.from=example.com",
        "mx.example.com dmarc=pass header.from=example.com",
        "mx.example.com; dmarc=pass header.from=evil.example header.from=example.com",
    ],
)
def test_an_ambiguous_field_gives_no_pass(value):
    """Text that a sender has slipped in, or a spelling in which the host may not know its own name."""
    assert results(value).dmarc == ""
    assert results(value.replace("=pass", "=fail")).dmarc == "fail"
    assert results(value, FORGED).dmarc == ""
    signed = "mx.example.com; dkim=pass header.d=example.com"
    assert results(value.replace("dmarc=", "dkim=").replace("header.from", "header.d"), signed).dkim_pass_domains == ()


@pytest.mark.parametrize(
    "field", ["Authentication-Results : ", " Authentication-Results: ", "Authentication-Results\0:"]
)
def test_a_field_name_that_the_host_may_not_know_gives_no_pass(field):
    """Some readers drop such a field, others take it."""
    before = field + FORGED + "\r\n"
    assert results(before=before).present
    assert results(before=before).dmarc == ""
    assert results(before=field + FAIL + "\r\n").dmarc == "fail"


def test_a_field_behind_a_hidden_line_end_gives_no_pass():
    """Behind a bare CR or LF, where the host may have seen nothing but a subject."""
    for hidden in ("\r", "\n"):
        before = f"Received: x\r\nSubject: hello{hidden}Authentication-Results: {FORGED}\r\n"
        assert results(before=before).present
        assert results(before=before).dmarc == ""
        assert results(FORGED, before="Received: x\r\nSubject: hello\r\n").dmarc == "pass"


def test_line_ends_of_where_a_message_was_stored_are_no_hidden_ones():
    """LF throughout, or on top of CRLF."""
    assert message(FORGED, end="\n").trusted_results([MX]).dmarc == "pass"
    assert results(FORGED, before="Return-Path: <x@y.example>\nDelivered-To: z@y.example\n").dmarc == "pass"


def test_of_two_results_of_one_field_the_one_that_is_no_pass_counts():
    """One of them came in with an address that the host copied without quotes."""
    injected = "mx.example.com; spf=pass smtp.mailfrom=a;dmarc=pass header.from=example.com;@evil.example; "
    found = results(injected + "dmarc=fail header.from=example.com")
    assert (found.dmarc, found.contradictory) == ("fail", True)


def test_spf_speaks_of_the_mail_from_rather_than_of_helo():
    """Where both were looked at; where only HELO was, of that."""
    found = results(f"{MX}; spf=fail smtp.helo=h.example; spf=pass smtp.mailfrom=<jane@m.example>")
    assert (found.spf, found.spf_domain) == ("pass", "m.example")
    found = results(f"{MX}; spf=pass smtp.helo=h.example")
    assert (found.spf, found.spf_domain) == ("pass", "h.example")


def test_other_ways_to_name_a_domain_are_read():
    """`d=` for the author's domain, "none" for none."""
    found = results(f"{MX}; dkim=none header.i=none; dkim=none header.d=none; dmarc=fail (p=none) d=example.com")
    assert (found.dmarc, found.dmarc_domain) == ("fail", "example.com")
    assert (found.dkim, found.dkim_fail_domains) == ("none", ())


def test_a_signing_domain_made_for_readers_of_comments_is_nobodys():
    """A signer's `example.com(.evil.example` does not pass for example.com."""
    for domain in ("example.com(.evil.example)", "example.com(.evil.example", "example.com.(.evil.example)"):
        found = results(f"{MX}; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={domain}")
        assert "example.com" not in (*found.dkim_pass_domains, found.spf_domain)


def test_what_differs_from_message_to_message_is_read_each_time():
    """The beginning of a signature (header.b, RFC 6008) tells nothing; every result beside it does."""
    one = f"{MX}; dkim=pass header.d=example.org header.b=KxYbFp2R; spf=pass smtp.mailfrom=example.org"
    assert results(one) == results(one.replace("KxYbFp2R", "/b3+Zz9="))
    assert results(one.replace("dkim=pass", "dkim=fail")).dkim == "fail"
    assert results(one.replace("spf=pass", "spf=fail")).spf == "fail"
    assert results(one, trusted=("mx.example.net",)) == TrustedResults()
    assert results(f"{MX} header.b=KxYbFp2R; dmarc=pass header.from=example.com") == TrustedResults()


def test_a_field_that_others_may_not_see_is_told_from_the_same_one_seen():
    """A field name with a space behind it is another field to some readers; then its "pass" does not count."""
    assert results(FORGED).dmarc == "pass"
    assert results(f"Authentication-Results : {FORGED}").dmarc == ""
    assert results(FORGED).dmarc == "pass"


FIELDS = st.lists(
    st.builds(
        "{}; {}={} {}={}".format,
        st.sampled_from([MX, "MX.example.com", '"mx.example.com"', "evil.example", "mx.example.com."]),
        st.sampled_from(["dmarc", "spf", "dkim"]),
        st.sampled_from(["pass", "fail", "none"]),
        st.sampled_from(["header.from", "header.d", "smtp.mailfrom"]),
        st.sampled_from(["example.com", "evil.example"]),
    )
    | st.just("Received: x"),
    max_size=6,
)


@given(st.sampled_from(["fail", "none", "softfail"]), FIELDS)
def test_nothing_below_turns_the_hosts_own_results_into_a_pass(outcome, below):
    """Whatever a message brings along."""
    own = f"{MX}; dmarc={outcome} header.from=example.com; spf={outcome} smtp.mailfrom=example.com; dkim={outcome}"
    found = results(own, "Received: by mx.example.com", *below)
    assert (found.dmarc, found.spf, found.dkim) == (outcome, outcome, outcome)
    assert found.dkim_pass_domains == ()
