"""Allow policies on the wire: patterns that are checked, deprecated booleans, filters."""

from __future__ import annotations

import pytest

from .account import pointers
from .conftest import open_account
from .settings import POLICY, Settings

FLAGS = ("is_acceptable_sender", "is_exempt_recipient", "is_trusted_sender", "verify_sender")


@pytest.fixture
def policies(account) -> Settings:
    return Settings(account, "allow_policies")


@pytest.fixture(scope="module")
def sixteen(served):
    """Every combination of the four flags, of all three types."""
    with open_account(served) as account:
        policies = Settings(account, "allow_policies")
        patterns = (("EMAIL", "a@example.com"), ("DOMAIN", "example.com"), ("IP", "192.0.2.1"))
        for number in range(16):
            kind, pattern = patterns[number % 3]
            flags = {name: bool(number >> place & 1) for place, name in enumerate(FLAGS)}
            policies.create(pattern=pattern, pattern_type=kind, **flags)
        yield policies


def test_a_policy_has_every_field(policies):
    """comments is null where unset; the deprecated booleans are absent, as they cannot be null."""
    made = policies.create()
    assert made.keys() == POLICY.keys() | {"comments", "id", "created_at", "modified_at", "last_modified"}
    assert made["comments"] is None


@pytest.mark.parametrize(
    ("kind", "is_regex", "pattern", "words"),
    [
        ("EMAIL", False, "nobody", "pattern 'nobody' is not an email address: it has no @"),
        ("EMAIL", False, "a@example.com, b@example.com", "white space"),
        ("DOMAIN", False, "a@example.com", "a character that no domain has"),
        ("DOMAIN", False, "*.example.com", "an asterisk is no wildcard"),
        ("DOMAIN", False, "example..com", "empty label"),
        ("EMAIL", True, "(a", "cannot be used as a regular expression"),
        ("DOMAIN", True, r"(a)\1", "at offset 3"),
        ("IP", True, r"192\.0\.2\..*", "never a regular expression"),
        ("IP", False, "example.com", "neither an address nor a block"),
        ("IP", False, "192.0.2.1/24", "bits are set behind its prefix"),
        ("IP", False, "10.1.2.3", "not globally routable: 10.0.0.0/8"),
        ("IP", False, "::ffff:127.0.0.1", "not globally routable: 127.0.0.0/8"),
        ("IP", False, "0.0.0.0/0", "not globally routable"),
    ],
)
def test_a_pattern_that_is_not_of_its_type_is_refused(policies, kind, is_regex, pattern, words):
    """With its place and the reason, at create and at edit alike."""
    bad = {"pattern_type": kind, "is_regex": is_regex, "pattern": pattern}
    made = policies.create()
    for answer in (policies.post(**bad), policies.edit(made["id"], **bad)):
        assert pointers(answer) == ["/pattern"]
        assert words in answer.json()["errors"][0]["message"]
    assert policies.get(made["id"]).json()["result"] == made


def test_an_edit_is_checked_with_what_stays(policies):
    """The type of the pattern that is there cannot become another."""
    made = policies.create()
    assert pointers(policies.edit(made["id"], pattern_type="DOMAIN")) == ["/pattern"]
    assert policies.edit(made["id"], pattern_type="DOMAIN", pattern="example.com").status_code == 200


def test_the_type_unknown_is_for_reading_only(policies):
    """No policy can be made of it; a list may ask for it."""
    assert pointers(policies.post(pattern_type="UNKNOWN")) == ["/pattern_type"]
    assert policies.keys(pattern_type="unknown") == []


def test_an_empty_edit_is_refused(policies):
    """minProperties is 1."""
    assert pointers(policies.edit(policies.create()["id"])) == [""]


@pytest.mark.parametrize("names", [("is_recipient", "is_exempt_recipient"), ("is_sender", "is_trusted_sender"),
                                   ("is_spoof", "is_acceptable_sender")])  # fmt: skip
def test_a_deprecated_boolean_says_what_its_successor_says(policies, names):
    """It is answered where it was set, stands for its successor in an edit, follows it, and never contradicts it."""
    deprecated, successor = names
    given = POLICY[successor]
    made = policies.create(**{deprecated: given})
    assert made[deprecated] is made[successor] is given
    assert pointers(policies.post(**{deprecated: not given})) == [f"/{deprecated}"]
    alone = policies.edit(made["id"], **{deprecated: not given}).json()["result"]
    assert alone[deprecated] is alone[successor] is (not given)
    followed = policies.edit(made["id"], **{successor: given}).json()["result"]
    assert followed[deprecated] is followed[successor] is given
    assert pointers(policies.edit(made["id"], **{deprecated: given, successor: not given})) == [f"/{deprecated}"]
    unset = policies.edit(made["id"], **{deprecated: None}).json()["result"]
    assert deprecated not in unset
    assert unset[successor] is given


@pytest.mark.parametrize("flag", FLAGS)
def test_a_list_is_filtered_by_each_flag(sixteen, flag):
    """true and false, in any case."""
    for text, value in (("true", True), ("FALSE", False)):
        found = sixteen.list(**{flag: text}, per_page=1000)["result"]
        assert len(found) == 8
        assert {one[flag] for one in found} == {value}


def test_filters_are_combined(sixteen):
    """All of them must hold."""
    found = sixteen.list(pattern_type="ip", is_trusted_sender=True, pattern="192.0.2.1", verify_sender=False)["result"]
    assert found
    for one in found:
        assert (one["pattern_type"], one["is_trusted_sender"], one["verify_sender"]) == ("IP", True, False)
    assert sixteen.keys(pattern="192.0.2") == []
    assert pointers(sixteen.account.client.get(sixteen.path, params={"verify_sender": "1"})) == ["/query/verify_sender"]
