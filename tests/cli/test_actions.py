"""`sosie action`: what is done with messages is said, shown with its defaults, and taken back."""

from __future__ import annotations


def _listed(sosie):
    return {(one["domain"], one["disposition"]): one["action"] for one in sosie("action", "list", "--json").documents}


def test_the_defaults_are_listed(sosie):
    """Every disposition has an action from the beginning, and the table says that nobody has chosen it."""
    assert _listed(sosie) == {
        ("", "MALICIOUS-BEC"): "tag",
        ("", "SPOOF"): "tag",
        ("", "SUSPICIOUS"): "tag",
        ("", "NONE"): "accept",
    }
    assert sosie("action", "list").lines[1].split() == ["all", "MALICIOUS-BEC", "tag", "by", "default"]


def test_rules_are_set_and_taken_back(sosie):
    """For all recipients, or for those of a domain, however it is written; with a record in the audit."""
    sosie("action", "set", "malicious-bec", "QUARANTINE")
    assert sosie("action", "set", "SPOOF", "reject", "--domain", "BÜCHER.example", "--json").json == {
        "action": "reject", "default": False, "disposition": "SPOOF", "domain": "xn--bcher-kva.example",
    }  # fmt: skip
    rules = _listed(sosie)
    assert rules["", "MALICIOUS-BEC"] == "quarantine"
    assert rules["xn--bcher-kva.example", "SPOOF"] == "reject"
    assert rules["", "SPOOF"] == "tag"
    assert sosie("action", "clear", "SPOOF", "--domain", "bücher.example").stderr == (
        "SPOOF to xn--bcher-kva.example: the rule is taken back\n"
    )
    assert sosie("action", "clear", "SPOOF", status=1).stderr == "SPOOF to all: there is no rule\n"
    assert len(_listed(sosie)) == 4
    assert [one["action"] for one in sosie("audit", "--json").documents[:3]] == [
        "action.clear",
        "action.set",
        "action.set",
    ]


def test_what_cannot_be_a_rule_is_refused(sosie):
    """In one line that says why."""
    assert "is not a domain" in sosie("action", "set", "SPOOF", "tag", "--domain", "*.example", status=2).stderr
    for arguments, words in (
        (("SPAM", "tag"), "there is no disposition SPAM. There are MALICIOUS-BEC, SPOOF, SUSPICIOUS, NONE."),
        (("SPOOF", "delete"), "there is no action delete. There are accept, tag, quarantine, tempfail, reject."),
        (("MALICIOUS", "reject"), "there is no disposition MALICIOUS: did you mean MALICIOUS-BEC?"),
        (("suspicous", "reject"), "there is no disposition suspicous: did you mean SUSPICIOUS?"),
        (("SPOOF", "quarantined"), "there is no action quarantined: did you mean quarantine?"),
    ):
        assert words in sosie("action", "set", *arguments, status=2).stderr
