"""The DNS is asked seldom and in bounds, and what it says is kept as long as it says."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sosie.screening.verifying.open import open_resolver
from support.verifying import world

__all__ = ["world"]


def questions(world, seconds=5.0):
    from sosie.screening.verifying.resolver import Questions

    return Questions(world.resolver, seconds)


def test_answers_are_kept(world):
    """One question for many messages, whatever the case of the name; also that there is nothing."""
    for name in ("example.com", "EXAMPLE.com", "nothing.example.com"):
        for _ in range(3):
            questions(world).ask(name, "TXT")
    assert world.dns.asked == {("example.com", "TXT"): 1, ("nothing.example.com", "TXT"): 1}


def test_answers_are_kept_no_longer_than_their_time(world, monkeypatch):
    """A TTL of ten seconds is ten seconds; of none, five."""
    from sosie.screening.verifying import resolver

    now = time.monotonic()
    monkeypatch.setattr(resolver.time, "monotonic", lambda: now)
    for ttl, still in ((10, 9.0), (0, 4.0)):
        world.dns.ttl = ttl
        name = f"t{ttl}.example.com"
        world.dns.text(name, "first")
        assert questions(world).ask(name, "TXT") == (b"first",)
        world.dns.text(name, "second")
        now += still
        assert questions(world).ask(name, "TXT") == (b"first",)
        now += 2.0
        assert questions(world).ask(name, "TXT") == (b"second",)


def test_what_is_kept_is_bounded(world, monkeypatch):
    """In octets; what was asked for last is still there."""
    from sosie.screening.verifying import resolver

    monkeypatch.setattr(resolver, "MAX_KEPT", 20 * resolver.ANSWER_COST)
    for number in range(100):
        world.dns.text(f"n{number}.example.com", "x" * 300)
        questions(world).ask(f"n{number}.example.com", "TXT")
    kept = world.resolver._kept
    assert 0 < kept._octets <= resolver.MAX_KEPT
    assert len(kept._answers) <= 20
    questions(world).ask("n99.example.com", "TXT")
    questions(world).ask("n0.example.com", "TXT")
    assert (world.dns.asked["n99.example.com", "TXT"], world.dns.asked["n0.example.com", "TXT"]) == (1, 2)


def test_a_long_answer_comes_over_tcp(world):
    """And a huge one is none that could be kept."""
    from sosie.screening.verifying.resolver import MAX_ANSWER, Undecided

    world.dns.text("long.example.com", "x" * 8000)
    assert questions(world).ask("long.example.com", "TXT") == (b"x" * 8000,)
    world.dns.text("huge.example.com", "x" * (MAX_ANSWER + 1))
    world.dns.text("many.example.com", *(str(number) for number in range(500)))
    for name in ("huge.example.com", "many.example.com"):
        with pytest.raises(Undecided):
            questions(world).ask(name, "TXT")


def test_aliases_are_followed_and_circles_are_not(world):
    """CNAMEs to an end; those without one are no answer, at once."""
    from sosie.screening.verifying.resolver import Undecided

    zone = world.dns.zone
    zone["alias.example.com"] = {"CNAME": ["alias2.example.com."]}
    zone["alias2.example.com"] = {"CNAME": ["example.com."]}
    assert b"v=spf1 ip4:192.0.2.1 -all" in questions(world).ask("alias.example.com", "TXT")
    zone["self.example.com"] = {"CNAME": ["self.example.com."]}
    zone["one.example.com"] = {"CNAME": ["two.example.com."]}
    zone["two.example.com"] = {"CNAME": ["one.example.com."]}
    for number in range(30):
        zone[f"c{number}.example.com"] = {"CNAME": [f"c{number + 1}.example.com."]}
    for name in ("self.example.com", "one.example.com", "c0.example.com"):
        began = time.monotonic()
        with pytest.raises(Undecided):
            questions(world).ask(name, "TXT")
        assert time.monotonic() - began < 2.0


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a..b",
        "x" * 64 + ".example",
        "a." * 200 + "example",
        "\ud800.example",
        "\\300.a",
        "a\\.b.example",
        "b\u00fccher.example",
    ],
)
def test_what_is_no_name_has_no_records(world, name):
    """And nobody is asked."""
    assert questions(world).ask(name, "TXT") == ()
    assert not world.dns.asked


def test_a_message_has_so_many_questions(world):
    """And what is known already costs none."""
    from sosie.screening.verifying.resolver import MAX_QUESTIONS, Undecided

    ours = questions(world)
    ours.ask("example.com", "TXT")
    for number in range(MAX_QUESTIONS - 1):
        ours.ask(f"q{number}.example.com", "TXT")
    with pytest.raises(Undecided):
        ours.ask("one-more.example.com", "TXT")
    assert ours.ask("example.com", "TXT")
    assert sum(world.dns.asked.values()) == MAX_QUESTIONS


def test_a_message_has_so_much_time(world):
    """However many names are silent."""
    from sosie.screening.verifying.resolver import Undecided

    ours = questions(world, 0.6)
    began = time.monotonic()
    for number in range(10):
        world.dns.zone[f"s{number}.example.com"] = "silent"
        with pytest.raises(Undecided):
            ours.ask(f"s{number}.example.com", "TXT")
    assert 0.5 < time.monotonic() - began < 1.2


def test_failures_are_kept_for_a_moment(world):
    """A dead domain is not asked for by every message of a flood."""
    from sosie.screening.verifying.resolver import Undecided

    world.dns.zone["dead.example.com"] = "servfail"
    for _ in range(20):
        with pytest.raises(Undecided):
            questions(world).ask("dead.example.com", "TXT")
    assert world.dns.asked["dead.example.com", "TXT"] <= 3  # the first question is repeated


def test_many_threads_at_once(world):
    """Each gets its answer."""

    def ask(number):
        return questions(world).ask(f"t{number % 40}.example.com", "TXT")

    for number in range(40):
        world.dns.text(f"t{number}.example.com", str(number))
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(ask, range(400)))
    assert found == [(str(number % 40).encode(),) for number in range(400)]


@pytest.mark.parametrize(("library", "package"), [("dkim", "dkimpy"), ("spf", "pyspf"), ("dns", "dnspython")])
def test_without_the_extra_it_says_what_to_install(library, package):
    """By the name under which it is installed."""
    program = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "from sosie.screening.verifying.open import CannotVerify, open_resolver\n"
        "try: open_resolver()\n"
        "except CannotVerify as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == f"verifying needs {package}, which is not installed: pip install 'sosie[auth]'\n"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:54", ("192.0.2.1", 54)),
        ("[2001:db8::1]:54", ("2001:db8::1", 54)),
        ("2001:db8::53", ("2001:db8::53", 53)),
        ("[::1]", ("::1", 53)),
    ],
)
def test_a_name_server_may_be_named(text, address):
    """With a port, or without."""
    resolver = open_resolver(text)._dns
    assert (resolver.nameservers[0], resolver.port) == address
