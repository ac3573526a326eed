"""Accounts, users, tokens and the audit: what is unique is unique, and what is one account's is not another's."""

from __future__ import annotations

import secrets

import pytest

from sosie.access.permissions import EMAIL_READ, EMAIL_WRITE
from sosie.access.policies import ALL_ACCOUNTS, account_resource
from sosie.access.tokens import Condition, digest
from sosie.registry.moments import to_rfc3339
from sosie.store import accounts, audit, tokens, users
from sosie.store.errors import AlreadyThere, NoSuchAccount
from sosie.store.issue import Grant, add_user, issue_token, open_account
from sosie.store.users import User
from support.registry import deed, new_account

KEY = b"k" * 32


def _open(run, database, name="n", identifier=None):
    identifier = identifier or secrets.token_hex(16)
    return run(database.write(lambda session: open_account(session, identifier, name, deed())))


def _issue(run, database, account, **times):
    grant = Grant("t", (EMAIL_READ.id, EMAIL_WRITE.id), account, **times)
    return run(database.write(lambda session: issue_token(session, KEY, grant, deed())))


def test_an_account_is_found_by_its_id(opened):
    """Its id is unique, its name is not; the list is in order of creation."""
    run, database = opened
    made = [_open(run, database, name) for name in ("b", "a", "b")]
    assert run(accounts.read_all(database.reader)) == made
    assert run(accounts.look_up(database.reader, made[1].id)) == made[1]
    with pytest.raises(NoSuchAccount):
        run(accounts.look_up(database.reader, "0" * 32))
    with pytest.raises(AlreadyThere):
        _open(run, database, "c", made[0].id)
    assert run(accounts.read_all(database.reader)) == made


def test_a_write_of_no_account_is_refused(opened):
    """Its turn cannot be taken."""
    run, database = opened
    with pytest.raises(NoSuchAccount):
        run(database.write(lambda session: accounts.take_turn(session, 99, 0)))
    with pytest.raises(NoSuchAccount):
        run(accounts.counts(database.reader, 99))


def test_a_user_is_found_by_its_key(opened):
    """With its accounts; e-mail and key are unique, and a membership that is given twice is one."""
    run, database = opened
    first, second = _open(run, database), _open(run, database)
    made = run(database.write(lambda session: add_user(session, KEY, "a@example.com", "secret", first, deed())))
    mark = digest(KEY, "key a@example.com", "secret")
    assert run(users.by_key(database.reader, mark)) == made
    assert run(users.by_email(database.reader, "a@example.com")) == made
    assert run(users.by_key(database.reader, digest(KEY, "key a@example.com", "other"))) is None
    assert run(users.by_email(database.reader, "b@example.com")) is None
    with pytest.raises(AlreadyThere):
        run(database.write(lambda session: add_user(session, KEY, "a@example.com", "other", second, deed())))
    more = made._replace(accounts=(first.id, second.id))
    for _ in range(2):
        run(database.write(lambda session: users.add_memberships(session, more)))
    assert run(users.by_key(database.reader, mark)).accounts == (first.id, second.id)


def test_a_user_without_accounts_is_a_user(opened):
    """It can do nothing, but it is known."""
    run, database = opened
    user = User("0" * 32, "a@example.com", to_rfc3339(0), ())
    run(database.write(lambda session: users.create(session, user, "mark")))
    assert run(users.by_key(database.reader, "mark")) == user


def test_a_token_is_found_by_its_digest(opened):
    """As it was issued; its value stands nowhere in the database."""
    run, database = opened
    account = _open(run, database)
    issued = _issue(run, database, account, not_before="2026-01-01T00:00:00Z", expires_on="2027-01-01T00:00:00Z")
    mark = digest(KEY, "token", issued.value)
    assert run(tokens.by_digest(database.reader, mark)) == issued.token
    assert issued.token.policies[0].resources == {account_resource(account.id): "*"}
    assert run(tokens.by_digest(database.reader, issued.value)) is None
    for table in ("tokens", "audit", "settings"):
        assert issued.value not in str([tuple(row) for row in run(database.reader.fetch(f"SELECT * FROM {table}"))])


def test_a_token_is_its_accounts_own(opened):
    """Another account does not find it; a token of the server belongs to none."""
    run, database = opened
    mine, other = _open(run, database), _open(run, database)
    issued = [_issue(run, database, account).token for account in (mine, mine, other, None)]
    assert run(tokens.read_all(database.reader, mine.no)) == issued[:2]
    assert run(tokens.read_all(database.reader, other.no)) == issued[2:3]
    assert run(tokens.read_all(database.reader, None)) == issued[3:]
    assert run(tokens.get(database.reader, mine.no, issued[0].id)) == issued[0]
    assert run(tokens.get(database.reader, other.no, issued[0].id)) is None
    assert run(tokens.get(database.reader, None, issued[0].id)) is None
    assert run(tokens.get(database.reader, None, issued[3].id)) == issued[3]
    assert issued[3].account_id == ""
    assert ALL_ACCOUNTS in issued[3].policies[0].resources


def test_a_token_is_replaced_rolled_and_deleted(opened):
    """Replaced, it keeps its value; rolled, it keeps everything else; deleted, it is gone."""
    run, database = opened
    account = _open(run, database)
    issued = _issue(run, database, account)
    changed = issued.token._replace(
        name="x", status="disabled", condition=Condition(("192.0.2.0/24",), ("192.0.2.1/32",)), expires_on="2027"
    )
    run(database.write(lambda session: tokens.update(session, changed)))
    assert run(tokens.by_digest(database.reader, digest(KEY, "token", issued.value))) == changed
    run(database.write(lambda session: tokens.roll(session, changed.id, "another mark", "2026")))
    assert run(tokens.by_digest(database.reader, digest(KEY, "token", issued.value))) is None
    assert run(tokens.by_digest(database.reader, "another mark")) == changed._replace(modified_on="2026")
    run(database.write(lambda session: tokens.delete(session, changed.id)))
    assert run(tokens.by_digest(database.reader, "another mark")) is None


def test_the_last_use_of_a_token_never_goes_back(opened):
    """Two processes write it down, each what it has seen; a token that is gone meanwhile is no error."""
    run, database = opened
    account = _open(run, database)
    token = _issue(run, database, account).token
    for moment, kept in (("2026-07-02", "2026-07-02"), ("2026-07-01", "2026-07-02"), ("2026-07-03", "2026-07-03")):
        used = {token.id: moment, "gone": moment}
        run(database.write(lambda session, used=used: tokens.note_use(session, used)))
        assert run(tokens.get(database.reader, account.no, token.id)).last_used_on == kept


def test_the_audit_is_read_newest_first_page_by_page(opened):
    """Of one account, or of the server; every write of the others is not in it."""
    run, database = opened
    mine, other = _open(run, database), new_account(database, "other")
    run(other)
    for _ in range(4):
        _issue(run, database, mine)
    _issue(run, database, None)
    everything = run(audit.read(database.reader, mine.no))
    assert [one.action for one in everything] == ["token.create"] * 4 + ["account.create"]
    assert [one.revision for one in everything] == [5, 4, 3, 2, 1]
    first = run(audit.read(database.reader, mine.no, most=3))
    assert first + run(audit.read(database.reader, mine.no, before=first[-1].no, most=3)) == everything
    assert [one.action for one in run(audit.read(database.reader, None))] == ["token.create"]
