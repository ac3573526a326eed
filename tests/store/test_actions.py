"""Rules of what is done with a message are kept, changed with a record, and seen by whoever follows the account."""

from __future__ import annotations

import pytest

from sosie.detection.actions import QUARANTINE, REJECT, TAG, ActionRule
from sosie.detection.verdict import MALICIOUS_BEC, SPOOF
from sosie.store import accounts, actions, audit
from support.registry import deed, new_account


@pytest.fixture
def kept(opened, account):
    """(do, revision): run a function of the store on the account, and the account's revision."""
    run, database = opened

    def do(function, *arguments):
        return run(database.write(lambda session: function(session, account, *arguments)))

    return do, lambda: run(accounts.counts(database.reader, account)).revision


def test_rules_are_set_replaced_and_cleared(opened, account, kept):
    """Each change is a revision and a record; what changes nothing is neither."""
    run, database = opened
    do, revision = kept
    first = revision()
    bec, spoof = ActionRule("", MALICIOUS_BEC, QUARANTINE), ActionRule("example.com", SPOOF, TAG)
    do(actions.put, bec, deed())
    do(actions.put, spoof, deed())
    assert do(actions.read_all) == [bec, spoof]
    do(actions.put, spoof._replace(action=REJECT), deed())
    do(actions.put, spoof._replace(action=REJECT), deed())
    assert do(actions.read_all) == [bec, spoof._replace(action=REJECT)]
    assert do(actions.clear, "", MALICIOUS_BEC, deed())
    assert not do(actions.clear, "", MALICIOUS_BEC, deed())
    assert do(actions.read_all) == [spoof._replace(action=REJECT)]
    assert revision() == first + 4
    newest = run(audit.read(database.reader, account, most=2))
    assert [(one.action, one.subject) for one in newest] == [
        ("action.clear", "* MALICIOUS-BEC"),
        ("action.set", "example.com SPOOF"),
    ]
    assert (newest[1].before["action"], newest[1].after["action"]) == (TAG, REJECT)


def test_accounts_have_rules_of_their_own(opened, kept):
    """One's rule is not another's."""
    run, database = opened
    do, _ = kept
    do(actions.put, ActionRule("", SPOOF, REJECT), deed())
    assert run(actions.read_all(database.reader, run(new_account(database)))) == []


def test_there_is_a_limit(kept, monkeypatch):
    """Of new rules; those there are can still be changed."""
    monkeypatch.setattr(actions, "MAX_RULES", 2)
    do, _ = kept
    for domain in ("a.example", "b.example"):
        do(actions.put, ActionRule(domain, SPOOF, TAG), deed())
    with pytest.raises(actions.TooManyRules):
        do(actions.put, ActionRule("c.example", SPOOF, TAG), deed())
    do(actions.put, ActionRule("a.example", SPOOF, REJECT), deed())
