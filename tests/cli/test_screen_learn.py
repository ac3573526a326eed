"""`sosie screen --learn`: one alert for a pair of name and address, and what was seen is known the next time."""

from __future__ import annotations

import pytest

from sosie.cli.exit_status import PARTLY

LETTER = (
    "Received: from out.corp.example by mx.example; Sat, 21 Nov 2026 10:00:00 +0000\r\n"
    "Authentication-Results: mx.example; dmarc={} header.from=corp.example\r\n"
    "From: Jane Roe <jane@corp.example>\r\n\r\n"
)
JUDGE = ("screen", "--json", "--authserv-id", "mx.example")


@pytest.fixture
def letter(sosie, tmp_path):
    """A letter in a registered name from an address that nobody knows yet."""
    sosie("entry", "add", "--name", "Jane Roe", "--email", "jane.roe@example.com")
    file = tmp_path / "letter.eml"
    file.write_text(LETTER.format("pass"), newline="")
    return str(file)


def test_there_is_one_alert_for_a_name_and_an_address(sosie, letter):
    """The message goes on being flagged, but nobody is told of it twice; without --learn nothing is kept."""
    alerts = [sosie(*JUDGE, *more, letter, status=PARTLY).json["alert"] for more in ((), ("--learn",), (), ())]
    assert alerts == [True, True, False, False]


def test_a_flagged_message_makes_no_acquaintance(sosie, letter):
    """Else an impostor would be known by the second letter."""
    sosie(*JUDGE, "--learn", letter, status=PARTLY)
    (known,) = sosie("history", "list", "--json").documents
    assert (known["address"], known["messages"], known["authenticated"]) == ("jane@corp.example", 1, 0)
    assert sosie(*JUDGE, letter, status=PARTLY).json["disposition"] == "SUSPICIOUS"


def test_what_was_known_before_lowers_the_verdict(sosie, letter, tmp_path):
    """An address that has written in this name before, authenticated, is told of and not flagged; with a failed
    authentication it is flagged all the same."""
    sosie("history", "learn", "--authserv-id", "mx.example", letter)
    verdict = sosie(*JUDGE, letter).json
    assert (verdict["disposition"], verdict["alert"]) == ("NONE", False)
    assert [exemption["name"] for exemption in verdict["exemptions"]] == ["history"]
    assert verdict["findings"]
    forged = tmp_path / "forged.eml"
    forged.write_text(LETTER.format("fail"), newline="")
    assert sosie(*JUDGE, str(forged), status=PARTLY).json["disposition"] != "NONE"


def test_a_registry_in_a_file_learns_nothing(sosie, letter):
    """There is no database then."""
    refused = sosie("screen", "--registry", letter, "--learn", letter, status=2)
    assert "--learn" in refused.stderr
