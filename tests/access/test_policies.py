"""What a token may do where: an explicit deny wins, and what nothing allows is denied."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.access.credentials import Caller
from sosie.access.policies import ALL_ACCOUNTS, Policy, account_resource, named_accounts, permits
from sosie.access.tokens import Token

MINE, OTHER = "a" * 32, "b" * 32
READ, WRITE = "read", "write"
ANY = frozenset((READ, WRITE))


def _policy(effect, groups, *resources, value="*"):
    return Policy("p", effect, tuple(groups), dict.fromkeys(resources, value))


def _token(account_id, *policies):
    return Token("t", account_id, "n", "active", policies, None, None, None, "i", "m", None)


@pytest.mark.parametrize(
    ("policies", "may"),
    [
        ((), False),
        ((_policy("allow", [READ], account_resource(MINE)),), True),
        ((_policy("allow", [READ], ALL_ACCOUNTS),), True),
        ((_policy("allow", [READ], account_resource(OTHER)),), False),
        ((_policy("allow", ["something else"], account_resource(MINE)),), False),
        ((_policy("allow", [], account_resource(MINE)),), False),
        ((_policy("allow", [READ], account_resource(MINE), value={"x": "*"}),), False),
        ((_policy("deny", [READ], account_resource(MINE)),), False),
        ((_policy("allow", [READ], ALL_ACCOUNTS), _policy("deny", [READ], account_resource(MINE))), False),
        ((_policy("deny", [READ], ALL_ACCOUNTS), _policy("allow", [READ], account_resource(MINE))), False),
        ((_policy("allow", [READ], ALL_ACCOUNTS), _policy("deny", [READ], account_resource(OTHER))), True),
        ((_policy("allow", [READ, WRITE], ALL_ACCOUNTS), _policy("deny", [READ], ALL_ACCOUNTS)), True),
    ],
)
def test_a_deny_wins_and_silence_is_no(policies, may):
    """For an account of the caller's, asked for either of two permissions."""
    assert permits(policies, MINE, ANY) is may


POLICIES = st.lists(
    st.builds(
        _policy,
        st.sampled_from(["allow", "deny"]),
        st.lists(st.sampled_from([READ, WRITE, "third"])),
        st.sampled_from([account_resource(MINE), account_resource(OTHER), ALL_ACCOUNTS]),
        value=st.sampled_from(["*", {"nested": "*"}]),
    ),
    max_size=6,
)


@given(POLICIES, st.randoms())
def test_the_order_of_policies_says_nothing(policies, chance):
    """Nor does one that is said twice; and another deny never opens a door."""
    may = permits(policies, MINE, ANY)
    shuffled = [*policies, *policies[:2]]
    chance.shuffle(shuffled)
    assert permits(shuffled, MINE, ANY) is may
    assert not permits([*policies, _policy("deny", [READ, WRITE], ALL_ACCOUNTS)], MINE, ANY)


@given(POLICIES)
def test_what_is_permitted_is_seen(policies):
    """An account on which something is allowed is one that the caller can see."""
    named, every = named_accounts(policies)
    if permits(policies, MINE, ANY):
        assert every or MINE in named


def test_a_token_reaches_no_account_but_its_own():
    """Whatever its policies say; a token of the whole server reaches what they say."""
    everywhere = _policy("allow", [READ], ALL_ACCOUNTS)
    assert Caller("t", _token(MINE, everywhere)).may(MINE, ANY)
    assert not Caller("t", _token(MINE, everywhere)).may(OTHER, ANY)
    assert Caller("t", _token("", everywhere)).may(OTHER, ANY)
    assert Caller("t", _token(MINE, everywhere)).accounts() == (frozenset((MINE,)), False)
    assert Caller("t", _token("", everywhere)).accounts()[1]
    assert Caller("t", _token(MINE, _policy("allow", [READ], account_resource(OTHER)))).accounts()[0] == frozenset()


def test_a_member_may_everything_in_its_accounts():
    """And nothing in others."""
    caller = Caller("u", user_id="u", email="u@example.com", memberships=frozenset((MINE,)))
    assert caller.may(MINE, ANY)
    assert not caller.may(OTHER, ANY)
    assert caller.sees(MINE)
    assert not caller.sees(OTHER)


def test_a_decision_is_kept_for_the_same_question_only():
    """A caller that is asked twice answers the same, for every account and permission."""
    reads, writes = _policy("allow", [READ], account_resource(MINE)), _policy("allow", [WRITE], account_resource(OTHER))
    caller = Caller("t", _token("", reads, writes))
    for _ in range(2):
        assert caller.may(MINE, frozenset((READ,)))
        assert not caller.may(MINE, frozenset((WRITE,)))
        assert caller.may(OTHER, frozenset((WRITE,)))
        assert not caller.may(OTHER, frozenset((READ,)))
