"""Techniques that look at the same place agree who tells it: what is seen once is told once."""

from __future__ import annotations

import pytest

from sosie.detection.verdict import NONE, SUSPICIOUS
from support.judgement import FAILED, HOST, judged, knowledge_of, people

PEOPLE = people(
    ("Ottoline Vargapell", "ottoline.vargapell@larkmoor.example, ottoline.vargapell@gmail.com"),
    ("Ngozi Ezeanyaoha", "ngozi.ezeanyaoha@larkmoor.example"),
    ("Runa Tveitaskog", "runa@desk.tveitaskog.example"),
    ("Via Roslund", "via.roslund@larkmoor.example"),
)
KNOWLEDGE = knowledge_of(PEOPLE)
KNOWLEDGE.index.domains.protect("larkmoor.example")
LARGE = knowledge_of(
    [*PEOPLE, *people(*((f"Xa{number} Ye{number}", f"x{number}@y.example") for number in range(20_001)))]
)
NOBODY_VOUCHES = f"Authentication-Results: {HOST}; dmarc=none header.from={{}}"


@pytest.mark.parametrize(
    ("author", "techniques"),
    [
        ("Ottoline Vargapell <x81@mail.example>", ["author_name"]),
        ("Ottoline Vargapell via SignDesk <x81@mail.example>", ["on_behalf"]),
        ("Via Roslund <x81@mail.example>", ["author_name"]),
        ('"ngozi.ezeanyaoha@larkmoor.example" <x81@mail.example>', ["address_as_name"]),
        ('"Office ngozi.ezeanyaoha@larkmoor.example" <x81@mail.example>', ["address_in_name"]),
        ('"Runa Tveitaskog ngozi.ezeanyaoha@larkmoor.example" <x81@mail.example>', ["author_name", "address_in_name"]),
        ("Accounts <ap@larkrnoor.example>", ["lookalike_domain"]),
        ("Accounts <ap@larkmoor-group.example>", ["cousin_domain"]),
        ("Accounts <ap@larkmoor.example.payments.example>", ["cousin_domain"]),
        ("<ngozi.ezeanyaoha7@gmail.com>", ["local_part_name"]),
        ("<ngozi.ezeanyaoha.larkmoor@gmail.com>", ["lookalike_address"]),
        ("<ng0zi.ezeanyaoha@gmail.com>", ["lookalike_address"]),
    ],
)  # fmt: skip
def test_what_is_seen_once_is_told_once(author, techniques):
    """By the technique whose it is; a name and an address beside it are two sights."""
    assert [finding.name for finding in judged(f"From: {author}", KNOWLEDGE).findings] == techniques


@pytest.mark.parametrize(
    ("address", "technique"),
    [
        ("ngozi.ezeanyaoha@larkmoor.example", "exact_spoof"),
        ("payroll@larkmoor.example", "exact_spoof"),
        ("payroll@hr.larkmoor.example", "subdomain"),
        ("payroll@tveitaskog.example", "exact_spoof"),
        ("payroll@hr.tveitaskog.example", "subdomain"),
        ("runa@desk.tveitaskog.example", "exact_spoof"),
    ],
)
def test_a_failure_is_a_spoof_or_a_subdomain(address, technique):
    """An address of an entry and the domain itself are borrowed; what is nobody's, below it, is a subdomain."""
    header = f"{FAILED.format(address.rpartition('@')[2])}\nFrom: <{address}>"
    assert [finding.name for finding in judged(header, KNOWLEDGE).findings] == [technique]


@pytest.mark.parametrize(
    ("address", "disposition"),
    [
        ("payroll@larkmoor.example", NONE),
        ("payroll@hr.larkmoor.example", SUSPICIOUS),
        ("payroll@hr.tveitaskog.example", NONE),
        ("runa@hr.tveitaskog.example", SUSPICIOUS),
    ],
)
def test_silence_counts_below_a_protected_domain_or_with_a_local_part_of_ours(address, disposition):
    """A domain of an entry may be shared with strangers, so that silence there says nothing of strangers."""
    header = f"{NOBODY_VOUCHES.format(address.rpartition('@')[2])}\nFrom: <{address}>"
    assert judged(header, KNOWLEDGE).disposition == disposition


@pytest.mark.parametrize(
    "name",
    [
        "Ottoline Vargapell über Lab",
        "Ottoline Vargapell (de la part de SignDesk)",
        "Büro im Namen von Ottoline Vargapell",
        "SignDesk de parte de Ottoline Vargapell",
        "SignDesk per conto di Ottoline Vargapell",
        "Kantoor namens Ottoline Vargapell",
        "SignDesk w imieniu Ottoline Vargapell",
        "SignDesk på vegne af Ottoline Vargapell",
        "Ottoline Vargapell adına SignDesk",
        "Ottoline Vargapell puolesta",
        "Ottoline Vargapell 経由",
    ],
)
def test_who_writes_for_somebody_says_so_in_many_languages(name):
    """And it weighs the same in each."""
    (finding,) = judged(f"From: {name} <x81@mail.example>", KNOWLEDGE).findings
    assert finding.name == "on_behalf"
    assert "via an unknown service" in finding.detail


def test_a_whole_address_in_a_local_part_is_found_in_any_registry():
    """It has one meaning only; a name has as many as there are namesakes, and is not looked for among many."""
    whole = judged("From: <ngozi.ezeanyaoha_larkmoor.example@gmail.com>", LARGE)
    assert [finding.name for finding in whole.findings] == ["lookalike_address"]
    assert judged("From: <ngozi.ezeanyaoha7@gmail.com>", LARGE).findings == ()


def test_one_slip_counts_where_the_person_has_an_address():
    """At the same free mail host; at another one it is a stranger of a like name."""
    near = judged("From: <ottoline.vargapel@gmail.com>", KNOWLEDGE)
    assert [finding.name for finding in near.findings] == ["lookalike_address"]
    assert judged("From: <ottoline.vargapel@outlook.com>", KNOWLEDGE).findings == ()
