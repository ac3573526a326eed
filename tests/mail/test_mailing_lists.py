"""A list is known by what list software writes, and by nothing that other bulk mail writes too."""

import pytest

from sosie.mail.address import Address
from sosie.mail.mailing_list import MAX_ADDRESSES, MailingList
from sosie.mail.message import Message


def mailing_list(*fields):
    return Message.from_bytes("".join(field + "\r\n" for field in fields).encode()).mailing_list


TEAM = Address("team", "lists.example.org")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["List-Id: The team <Team.Lists.Example.ORG>"], MailingList("team.lists.example.org")),
        (["List-ID: <team.lists.example.org>"], MailingList("team.lists.example.org")),
        (["List-Id: team.lists.example.org"], MailingList("team.lists.example.org")),
        (['List-Id: "a <b> c" <team.lists.example.org> (x)'], MailingList("team.lists.example.org")),
        (["List-Id: just a name"], MailingList()),
        (["List-Post: <mailto:team@lists.example.org?subject=x>, <https://example.org>"], MailingList("", (TEAM,))),
        (["List-Post: <mailto:team%40lists.example.org>"], MailingList("", (TEAM,))),
        (["List-Post: NO (posting not allowed)"], MailingList()),
        (["X-BeenThere: team@lists.example.org", "X-Mailman-Version: 3.3.9"], MailingList("", (TEAM,))),
        (
            ["Mailing-list: list team@lists.example.org; contact team+owners@lists.example.org"],
            MailingList("", (TEAM,)),
        ),
        (["X-Google-Group-Id: 123456789012"], MailingList()),
        (["X-Mailing-List: team@lists.example.org", "Precedence: bulk"], MailingList("", (TEAM,))),
        (["Precedence: list"], MailingList()),
        (
            ["List-Id: <t.example.org>", "List-Help: <mailto:help@lists.example.org>, <mailto:b@c.example>"],
            MailingList("t.example.org", (), (Address("help", "lists.example.org"), Address("b", "c.example"))),
        ),
    ],
)
def test_a_list_is_read(fields, expected):
    """RFC 2919, RFC 2369, and what came before them."""
    assert mailing_list(*fields) == expected


@pytest.mark.parametrize(
    "field",
    [
        "Subject: [list] hello",
        "Precedence: bulk",
        "Precedence: listless",
        "List-Unsubscribe: <mailto:leave@news.example.org>",
        "List-Help: <mailto:help@news.example.org>",
    ],
)
def test_bulk_mail_is_no_list(field):
    """Newsletters have List-Unsubscribe and Precedence: bulk too."""
    assert mailing_list(field) is None


def test_the_domains_are_those_of_addresses_and_identifier():
    """Each once; where the identifier lives is the part behind its first label."""
    found = mailing_list(
        "List-Id: <team.Example.net>",
        "List-Post: <mailto:team@Lists.example.org>",
        "List-Owner: <mailto:owner@lists.example.org>",
    )
    assert found.domains == ("lists.example.org", "example.net")
    assert mailing_list("List-Id: <localteam>").domains == ()
    assert mailing_list("List-Id: <team.localhost>").domains == ()


def test_addresses_are_bounded():
    """However many a header names."""
    many = ", ".join(f"<mailto:a{number}@example.org>" for number in range(100))
    assert len(mailing_list(f"List-Post: {many}").addresses) == MAX_ADDRESSES
