"""The index of protected domains: it finds what comparing with each of them would, without comparing with each."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.detection.domain_index import MAX_LIKENESSES, MAX_SOUGHT, DomainIndex
from sosie.likeness.domain_likeness import likeness

PROTECTED = (
    "example.com", "northwind.example", "north-wind.test", "ferrostahl.example", "quillon.test", "abc.example",
    "acme.test", "amber.example", "hr.example", "mail.example", "tonwerk.co.uk", "exämple.net", "пример.example",
    "bluepeakcapital.com", "o2web.example", "wernerarm.test", "northwind.co.uk", "gmail.com",
)  # fmt: skip

OTHERS = tuple(f"other{number}house.test" for number in range(MAX_SOUGHT))

labels = st.sampled_from([domain.partition(".")[0] for domain in PROTECTED])
pieces = st.text("abcdeilmnorw01-.äа", max_size=3) | st.sampled_from(
    ["mail", "-group", "secure-", "com", ".com.", "my"]
)
suffixes = st.sampled_from(["com", "example", "test", "co.uk", "evil.example", "us.com"])


@st.composite
def claims(draw):
    """A protected name with something done to it: cut, filled, repeated, surrounded."""
    label, start = draw(labels), draw(st.integers(0, 8))
    middle = label[:start] + draw(pieces) + label[start + draw(st.integers(0, 2)) :]
    return draw(pieces) + middle + draw(pieces) + "." + draw(suffixes)


@given(claims(), st.sets(st.sampled_from(PROTECTED), min_size=1) | st.just({*PROTECTED}), st.booleans())
def test_it_finds_what_comparing_with_each_finds(claimed, some, many):
    """The tables forget nothing: against every protected domain in turn the answer is the same, be they few or many."""
    protected = (*some, *(OTHERS if many else ()))
    index = DomainIndex(protected)
    wanted = [] if claimed in index else [one for domain in protected if (one := likeness(claimed, domain))]
    wanted.sort(key=lambda one: (-one.confidence, one.protected))
    assert list(index.lookalikes(claimed)) == wanted[:MAX_LIKENESSES]


@pytest.mark.parametrize(
    "claimed", ["example.com", "mail.example.com", "northwind.co.uk", "unrelated.example", "", "[::1]"]
)
def test_protected_and_unrelated_domains_resemble_nothing(claimed):
    """A protected domain is what it is, even if it resembles another protected one."""
    assert DomainIndex(PROTECTED).lookalikes(claimed) == ()


def test_added_and_discarded_at_any_time():
    """A domain is protected as long as one of those who added it is left, whatever was answered before."""
    index = DomainIndex()
    assert index.lookalikes("exmple.com") == ()
    index.add("example.com")
    index.add("mail.example.com")
    assert len(index) == 1
    assert [one.protected for one in index.lookalikes("exmple.com")] == ["example.com"]
    index.discard("example.com")
    assert index.lookalikes("exmple.com")
    index.discard("example.com")
    index.discard("example.com")
    assert index.lookalikes("exmple.com") == ()
    assert len(index) == 0


def test_what_is_discarded_leaves_nothing_behind():
    """An index that lives long does not grow by what has gone."""
    index = DomainIndex(PROTECTED)
    for domain in PROTECTED:
        index.discard(domain)
    assert not any((index._counts, index._by_coarse, index._by_folded, index._by_deletion, index._remembered))


def test_neither_public_suffixes_nor_addresses_are_protected():
    """Nobody registered them, so nobody owns a likeness to them."""
    assert len(DomainIndex(["co.uk", "localhost", "192.0.2.1", "[IPv6:2001:db8::1]", ""])) == 0


def test_the_surest_stands_first():
    """Whoever wants one answer takes the first."""
    index = DomainIndex(["northwind.example", "northwind-trade.test"])
    found = index.lookalikes("n0rthwind.example")
    assert found[0].protected == "northwind.example"
    assert found[0].strong


def _name(chance):
    syllables = "ba ce di fo gu ha ke li mo nu pa re si to vu".split()
    return "".join(chance.choice(syllables) for _ in range(6))


def _cost(index, claims):
    def once(claim):
        start = time.perf_counter()
        index._look_up(claim)
        return time.perf_counter() - start

    costs = sorted(min(once(claim) for _ in range(5)) for claim in claims)
    return costs[len(costs) // 2]


def test_the_cost_does_not_grow_with_the_registry():
    """A look-up among 10,000 domains costs at most twice one among 10."""
    chance = random.Random(1)
    few = DomainIndex(f"{_name(chance)}.example" for _ in range(10))
    many = DomainIndex(f"{_name(chance)}.example" for _ in range(10_000))
    claims = [f"{_name(chance)[::-1]}.test" for _ in range(300)]
    assert _cost(many, claims) < 2 * _cost(few, claims)


@pytest.mark.parametrize(
    "claimed",
    [
        "-".join(["mail"] * 50) + ".example",
        "a-" * 31 + "a.example",
        ".".join(["mail-example-com"] * 200),
        "xn--" + "a" * 59 + ".com",
        "1a" * 100_000,
        ".".join("é" * 60 for _ in range(300)),
    ],
)
def test_no_domain_costs_much(claimed):
    """What a header claims may be built to be expensive; it is not, and neither is remembering it."""
    index = DomainIndex(PROTECTED)
    start = time.perf_counter()
    index.lookalikes(claimed)
    assert time.perf_counter() - start < 0.02


def test_of_what_is_no_domain_nothing_is_remembered():
    """A sender who writes domains of a hundred thousand letters fills no memory with them, and gets the same answer."""
    index = DomainIndex(PROTECTED)
    long = "x" * 100_000 + ".examp1e.com"
    found = index.lookalikes(long)
    assert not index._remembered
    assert found == index.lookalikes("examp1e.com") != ()
    assert list(index._remembered) == ["examp1e.com"]
