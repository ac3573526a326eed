"""`sosie screen --verify`: a letter that carries nobody's results is verified here."""

from __future__ import annotations

import pytest

from sosie.cli.exit_status import DONE, FAILED, PARTLY
from support.verifying import EVIL_IP, LETTER, signed, world

__all__ = ["world"]

CAME = ("--ip", EVIL_IP, "--mail-from", "bounce@evil.example")


@pytest.fixture
def judged(bare_embedded, tmp_path, world):
    """Judges a letter by a registry with Jane."""
    (tmp_path / "people.csv").write_text("Display_Name,Email\nJane Roe,jane.roe@example.com\n", encoding="utf-8")
    letter = tmp_path / "letter.eml"

    def judge(raw: bytes, *options: str, status: int):
        letter.write_bytes(raw)
        return bare_embedded(
            "screen", "--json", "--registry", str(tmp_path / "people.csv"), *options, str(letter), status=status
        )

    return judge


@pytest.fixture
def verify(world):
    return "--verify", "--resolver", "{}:{}".format(*world.dns.address)


def test_a_forged_address_is_found(judged, verify):
    """By what the address's own domain says of who may send, and who signs."""
    verdict = judged(LETTER.encode(), *verify, *CAME, status=PARTLY).json
    assert [finding["name"] for finding in verdict["findings"]] == ["exact_spoof"]
    assert "dmarc=fail spf=pass dkim=none" in verdict["findings"][0]["detail"]


def test_a_signed_letter_is_the_persons_own(judged, verify, world):
    """Whoever brought it; to its very end."""
    assert judged(signed(), *verify, *CAME, status=DONE).json["findings"] == []
    assert "s1._domainkey.example.com" in world.names_asked()
    long = signed(LETTER + "Another line.\r\n" * 200_000)
    assert judged(long, *verify, *CAME, status=DONE).json["findings"] == []
    judged(long + b"And one that is not signed.\r\n", *verify, *CAME, status=PARTLY)


def test_of_a_letter_from_nowhere_nothing_is_refuted(judged, verify):
    """Without --ip, SPF might have passed: that nobody knows is a remark."""
    (finding,) = judged(LETTER.encode(), *verify, status=DONE).json["findings"]
    assert (finding["detection"], finding["score"]) == ("NONE", 0.3)


def test_without_the_option_nobody_is_asked(judged, world):
    """The DNS learns nothing of what is judged."""
    assert judged(LETTER.encode(), *CAME, status=DONE).json["findings"] == []
    assert not world.dns.asked


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--resolver", "192.0.2.1"), "--resolver goes with --verify"),
        (("--verify", "--resolver", "nonsense"), "ADDRESS or ADDRESS:PORT, not 'nonsense'"),
        (("--verify", "--resolver", "https://dns.example/"), "ADDRESS or ADDRESS:PORT"),
        (("--ip", "192.0.2"), "--ip takes the address of a host, such as 192.0.2.7, not '192.0.2'"),
        (("--verify", "--ip", "mail.example"), "--ip takes the address of a host"),
    ],
)
def test_options_that_cannot_be(judged, options, said):
    """Said in one line; without --ip there would be no SPF, and nobody would know."""
    lines = judged(LETTER.encode(), *options, status=FAILED).stderr.splitlines()
    assert said in lines[0]
    assert len(lines) <= 3
