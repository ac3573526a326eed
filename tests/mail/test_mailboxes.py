"""Well-formed address lists give the mailboxes that RFC 5322 says they hold, and no defects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.mail.address import Address
from sosie.mail.mailbox import Mailbox, read_mailboxes

# From RFC 5322, appendix A, as far as the examples are of mailboxes; with others of each kind.
EXAMPLES = [
    (b"John Doe <jdoe@machine.example>", [Mailbox("John Doe", "jdoe@machine.example")]),
    (b'"Joe Q. Public" <john.q.public@example.com>', [Mailbox("Joe Q. Public", "john.q.public@example.com")]),
    (
        rb"""Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>, <boss@nil.test>,
 "Giant; \"Big\" Box" <sysservices@example.net>""",
        [
            Mailbox("Mary Smith", "mary@x.test"),
            Mailbox("", "jdoe@example.org"),
            Mailbox("Who?", "one@y.test"),
            Mailbox("", "boss@nil.test"),
            Mailbox('Giant; "Big" Box', "sysservices@example.net"),
        ],
    ),
    (
        b"A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
        [
            Mailbox("Ed Jones", "c@a.test", group_name="A Group"),
            Mailbox("", "joe@where.test", group_name="A Group"),
            Mailbox("John", "jdoe@one.test", group_name="A Group"),
        ],
    ),
    (b"Undisclosed recipients:;", [Mailbox("", "", group_name="Undisclosed recipients")]),
    (
        b'"A, B": a@x.test; Jane Roe <jane@example.com>',
        [Mailbox("", "a@x.test", group_name="A, B"), Mailbox("Jane Roe", "jane@example.com")],
    ),
    (b"jane@example.com (Jane Roe)", [Mailbox("Jane Roe", "jane@example.com", comment="Jane Roe")]),
    (b"(Jane Roe) jane@example.com", [Mailbox("Jane Roe", "jane@example.com", comment="Jane Roe")]),
    (b"Jane Roe (IT) <jane@example.com>", [Mailbox("Jane Roe", "jane@example.com", comment="IT")]),
    (b"Jane (J. (for \\) Jo)) Roe <jane@example.com>", [Mailbox("Jane Roe", "jane@example.com", "J. (for ) Jo)")]),
    (
        b"Jane Roe <jane@example.com> (of (nested) depth)",
        [Mailbox("Jane Roe", "jane@example.com", "of (nested) depth")],
    ),
    (b'"Roe,\r\n\tJane" <jane@example.com>', [Mailbox("Roe,\tJane", "jane@example.com")]),
    (b"Jane\r\n Roe\r\n <jane@example.com>", [Mailbox("Jane Roe", "jane@example.com")]),
    (b'First "M." Last <x@example.org>', [Mailbox("First M. Last", "x@example.org")]),
    (b"John Q. Public <x@example.org>", [Mailbox("John Q. Public", "x@example.org")]),
    (b'"jane roe"@example.com', [Mailbox("", '"jane roe"@example.com')]),
    (b'"<ceo@example.com>" <x@example.org>', [Mailbox("<ceo@example.com>", "x@example.org")]),
    (b"jane@[192.0.2.1]", [Mailbox("", "jane@[192.0.2.1]")]),
    (b"Jane [IT] <jane@[IPv6:2001:db8::1]>", [Mailbox("Jane [IT]", "jane@[IPv6:2001:db8::1]")]),
    (b"=?utf-8?q?J=C3=B6rg?= =?utf-8?q?_Roe?= <x@example.org>", [Mailbox("Jörg Roe", "x@example.org")]),
    (b"x@example.org (=?utf-8?q?J=C3=B6rg?=)", [Mailbox("Jörg", "x@example.org", comment="Jörg")]),
    ("Jörg \u202e <jörg@bücher.example>".encode(), [Mailbox("Jörg \u202e", "jörg@bücher.example")]),
    (b"Jane Roe<jane@example.com>", [Mailbox("Jane Roe", "jane@example.com")]),
    (b",, jane@example.com ,", [Mailbox("", "jane@example.com")]),
]


@pytest.mark.parametrize(("value", "mailboxes"), EXAMPLES)
def test_a_well_formed_list_is_read_as_the_grammar_says(value, mailboxes):
    """Display names are decoded and unquoted, addresses are as written, comments and groups are beside them."""
    found = read_mailboxes(value)
    assert list(found.mailboxes) == mailboxes
    assert not found.defects


def test_the_address_of_a_mailbox_is_the_one_a_receiver_takes_it_for():
    """None where there is nothing to look up."""
    assert Mailbox("", "jane@example.com.").address == Address("jane", "example.com")
    assert Mailbox("Jane Roe", "").address is None


_WORD = st.from_regex(r"[A-Za-z]{1,12}", fullmatch=True)
_ATOM = st.from_regex(r"[A-Za-z0-9_+-]{1,12}", fullmatch=True)


_QUOTED = st.lists(st.from_regex(r"[A-Za-z0-9.,&-]{1,12}", fullmatch=True), min_size=1, max_size=9).map(" ".join)


@given(
    st.builds(str.join, st.sampled_from([" ", "-"]), st.lists(_WORD, min_size=1, max_size=9)).map("{} <".format)
    | _QUOTED.map('"{}" <'.format)
    | st.sampled_from(["<", "", "Jane Roe<", '"Jane Roe"<', 'Jane "Q" Roe <']),
    st.lists(_ATOM, min_size=1, max_size=3),
    st.lists(st.from_regex(r"[A-Za-z0-9-]{1,12}", fullmatch=True), min_size=2, max_size=4),
)
def test_the_short_way_finds_what_the_long_way_finds(before, local_part, labels):
    """A plain mailbox is read at once; with space around it, it takes the long way, and nothing else changes."""
    text = f"{before}{'.'.join(local_part)}@{'.'.join(labels)}{'>' if '<' in before else ''}"
    short, long = read_mailboxes(text.encode()), read_mailboxes(f" {text} ".encode())
    assert short == long
