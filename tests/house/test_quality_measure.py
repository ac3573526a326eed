"""The measure of quality measures what it says, on letters that were invented for it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys

import pytest

from sosie.mail.message import Message
from support.house import ROOT

sys.path.insert(0, str(ROOT / "bench"))

from quality.alarms import Judge, words
from quality.compose import AUTHSERV_ID, attack_message, mailbox
from quality.disguises import DISGUISES, NAMES
from quality.hosts import believed_hosts, dmarc_result
from quality.letters import Attack, Letter, Person
from quality.namesakes import namesakes

JANE = Person("Jane Roe", ("jane.roe@example.com",))
CUT = 1_600_000_000


def measure(folder, *arguments):
    """What `make eval` prints."""
    environment = {**os.environ, "SOSIE_LETTERS": str(folder), "PYTHONPATH": str(ROOT / "bench")}
    command = [sys.executable, "-m", "quality", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def letters(tmp_path):
    """Two attacks on Jane Roe, and six letters: two of the past, and four of the test with one that looks forged."""
    registry = {"cut_time": CUT, "people_in_order": ["jane"], "display": {"jane": "Jane Roe"},
                "addresses": {"jane": [["jane.roe@example.com", 2]]}}  # fmt: skip
    attacks = [["jane", "01 exact", "Jane Roe", "desk7@freemail.example", "", "pass"],
               ["jane", "02 nothing like her", "Unrelated Person", "desk7@freemail.example", "", "pass"]]  # fmt: skip
    people = [("Jane Roe", "jane.roe@example.com"), ("John Doe", "john@example.org"), ("Jane Roe", "jane@home.example")]
    rows = []
    for number, place in enumerate((0, 1, 0, 1, 1, 2)):
        name, address = people[place]
        year = 2019 if number < 2 else 2022
        header = [["From", f"{name} <{address}>"], ["Date", f"Mon, 4 Jul {year} 10:00:00 +0000"]]
        rows.append(json.dumps({"id": str(number), "h": header}))
    (tmp_path / "registry_dev.json").write_text(json.dumps(registry))
    (tmp_path / "attacks_dev.json").write_text(json.dumps(attacks))
    with gzip.open(tmp_path / "list-invented.jsonl.gz", "wt") as stream:
        stream.write("\n".join(rows))
    return tmp_path


def test_without_letters_it_is_skipped(tmp_path):
    """It says which folder is not there, and is no failure."""
    assert measure(tmp_path / "nowhere").startswith("skipped: SOSIE_LETTERS")


def test_recall_and_alarms_are_counted(letters):
    """One of two attacks, and one of four letters: by sosie and by exact names alike."""
    measure(letters, "--part", "recall", "--part", "alarms", "--json", str(letters / "out.json"))
    figures = json.loads((letters / "out.json").read_text())["figures"]
    for column in ("naive", "v1 auth"):
        assert figures["recall"][column]["01 exact"] == 1
        assert figures["recall"][column]["02 nothing like her"] == 0
        assert figures["recall"][column]["mean"] == 0.5
        found = figures["alarms"][column if column == "v1 auth" else "v1 naive"]
        assert found["messages"] == 4
        assert found["kinds"]["same"] == [2500, 2500]
        assert found["kinds"]["other"] == [0, 0]


@pytest.mark.parametrize(
    "name", [*NAMES.values(), "Roe, Jane", 'Jane "JR" Roe', "Jane Roe (CEO)", " Jane Roe", "J@R", ""]
)
def test_a_composed_author_is_read_back(name):
    """Quoted or encoded as it must be, it is the name that was meant, with the address."""
    attack = Attack("jane", "01", name, "desk7@freemail.example", f'"{name or "x"}" <d@freemail.example>', "fail")
    message = Message.from_bytes(attack_message(attack, 1))
    (author,) = message.author
    assert author.display_name.strip() == name.strip()
    assert author.address_text == "desk7@freemail.example"
    assert dmarc_result(message, {AUTHSERV_ID}) == "fail"
    assert dmarc_result(message, {"mx.other.example"}) == ""


@pytest.mark.parametrize("title", DISGUISES)
def test_a_disguised_name_arrives_in_its_disguise(title):
    """The characters that deceive are in the message, not lost on its way."""
    for name in NAMES.values():
        disguised = DISGUISES[title](name)
        raw = f"From: {mailbox(disguised, 'desk7@freemail.example')}\r\n\r\n".encode()
        (author,) = Message.from_bytes(raw).author
        assert author.address_text == "desk7@freemail.example"
        assert set(disguised) - {" "} <= set(author.display_name)


def test_namesakes_are_the_same_every_time_and_invented():
    """For one seed; and have no address but of an example."""
    people = list(namesakes(2000))
    assert people == list(namesakes(2000))
    assert people != list(namesakes(2000, seed=1))
    assert all(address.endswith("@example.com") for person in people for address in person.addresses)
    assert any(not person.name.isascii() for person in people)
    assert 1000 < len({person.name for person in people}) < 2000, "some names must meet, as names do"


def test_the_kinds_of_false_alarms():
    """Whose address and whose name it is decides, and a list that rewrites From is neither's fault."""
    judge = Judge([JANE], [Person("Jane Roe", ("jane.roe@example.com", "jane@old.example"))],
                  [("J. Roe-Smith", "jane@old.example")], {"list": frozenset({"mx.example"})})  # fmt: skip
    failed = "Authentication-Results: mx.example; dmarc=fail header.from=example.com\n"
    rewritten = "From: Jane Roe via Talk <talk@lists.example>\nList-Post: <mailto:talk@lists.example>\nReply-To: "
    for header, kind in (
        ("From: Jane Roe <jane.roe@example.com>\n", "listed"),
        (failed + "From: Jane Roe <jane.roe@example.com>\n", "dmarc"),
        ("From: Roe, Jane A. <jane@home.example>\n", "same"),
        ("From: JR <jane@old.example>\n", "same"),
        ("From: J. Roe-Smith <jrs@home.example>\n", "same"),
        ("From: Jan Roe <jan@example.org>\n", "other"),
        (rewritten + "jane.roe@example.com\n", "munged"),
        (rewritten + "jane@home.example\n", "relayed"),
    ):
        raw = header.encode() + b"\n"
        assert judge.kind(Letter("list", raw, 0), Message.from_bytes(raw)) == kind, header
    assert words("Roe, Jané (CEO)") == ("jane", "roe")


def test_the_hosts_of_a_list_are_believed_and_others_are_not():
    """The one that writes on top of nearly every message; not one that comes along now and then."""
    common = b"Authentication-Results: MX.example; spf=pass\nAuthentication-Results: far.example; dmarc=pass\n\n"
    rare = b"Authentication-Results: far.example; dmarc=pass\n\n"
    nameless = b"Authentication-Results: dkim=none (message not signed)\n\n"
    letters = [Letter("list", raw, 0) for raw in [*([common] * 200), rare, *([nameless] * 20)]]
    assert believed_hosts(letters) == {"list": frozenset({"mx.example"})}
