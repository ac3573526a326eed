"""Small lists in the database: their limits, and that they come back as they went in."""

from __future__ import annotations

import pytest

from sosie.registry.allow_policy import read_new_policy
from sosie.registry.errors import InvalidFields
from sosie.registry.protected_domain import read_new_domain
from sosie.registry.trusted_domain import read_new_trusted_domain
from sosie.store import accounts, allow_policies, protected_domains, trusted_domains
from sosie.store.allow_policies import ALLOW_POLICIES
from sosie.store.protected_domains import PROTECTED_DOMAINS
from sosie.store.small_lists import MAX_PATTERNS, MAX_ROWS, Batch, Edit
from sosie.store.trusted_domains import TRUSTED_DOMAINS
from support.registry import deed, new_account

POLICY = read_new_policy(
    {
        "pattern": "a@example.com",
        "pattern_type": "EMAIL",
        "is_regex": False,
        "is_acceptable_sender": False,
        "is_exempt_recipient": False,
        "is_trusted_sender": True,
        "verify_sender": True,
        "is_sender": True,
    }
)
DOMAIN = read_new_domain(
    {
        "domain": "example.com",
        "allowed_delivery_modes": ["DIRECT", "API"],
        "drop_dispositions": [],
        "ip_restrictions": ["192.0.2.0/24"],
        "regions": ["AU"],
        "require_tls_inbound": False,
        "lookback_hops": 20,
    }
)


def trusted(pattern, *, is_regex=False):
    return read_new_trusted_domain(
        {"pattern": pattern, "is_regex": is_regex, "is_recent": False, "is_similarity": True}
    )


def _apply(run, database, kept, account, batch):
    return run(database.write(lambda session: kept.apply(session, account, batch, deed())))


@pytest.mark.parametrize(
    ("kept", "read_all", "fields"),
    [
        (ALLOW_POLICIES, allow_policies.read_all, POLICY),
        (TRUSTED_DOMAINS, trusted_domains.read_all, trusted("a.example")),
        (PROTECTED_DOMAINS, protected_domains.read_all, DOMAIN),
    ],
    ids=lambda value: getattr(value, "noun", ""),
)
def test_all_of_an_account_is_read_as_it_was_written(opened, account, kept, read_all, fields):
    """In order of creation, with the types that it had; nothing of another account."""
    run, database = opened
    other = run(new_account(database))
    made = _apply(run, database, kept, account, Batch(posts=[fields] * 3)).posts
    _apply(run, database, kept, other, Batch(posts=[fields]))
    read = run(read_all(database.reader, account))
    assert read == made
    assert [[type(value) for value in one] for one in read] == [[type(value) for value in one] for one in made]
    assert all(one.fields == fields for one in read)
    assert [one.id for one in made] == sorted(one.id for one in made)


def test_a_full_list_takes_no_more(opened, account):
    """One more is refused and leaves nothing; one may be exchanged for another."""
    run, database = opened
    made = _apply(run, database, TRUSTED_DOMAINS, account, Batch(posts=[trusted("a.example")] * MAX_ROWS)).posts
    revision = run(accounts.counts(database.reader, account)).revision
    with pytest.raises(InvalidFields, match="at most 10,000"):
        _apply(run, database, TRUSTED_DOMAINS, account, Batch(posts=[trusted("b.example")]))
    assert run(accounts.counts(database.reader, account)).revision == revision
    _apply(run, database, TRUSTED_DOMAINS, account, Batch(deletes=[made[0].id], posts=[trusted("b.example")]))
    read = run(trusted_domains.read_all(database.reader, account))
    assert (len(read), read[-1].pattern) == (MAX_ROWS, "b.example")


def test_regular_expressions_have_a_limit_of_their_own(opened, account):
    """At create and at edit."""
    run, database = opened
    expression = trusted(r"a\.example", is_regex=True)
    _apply(run, database, TRUSTED_DOMAINS, account, Batch(posts=[expression] * MAX_PATTERNS))
    literal = _apply(run, database, TRUSTED_DOMAINS, account, Batch(posts=[trusted("a.example")])).posts[0]
    for batch in (Batch(posts=[expression]), Batch(patches=[Edit(literal.id, lambda _: expression)])):
        with pytest.raises(InvalidFields, match="regular expressions"):
            _apply(run, database, TRUSTED_DOMAINS, account, batch)
    assert len(run(trusted_domains.read_all(database.reader, account))) == MAX_PATTERNS + 1
