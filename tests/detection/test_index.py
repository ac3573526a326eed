"""The index finds by look-up what was added, and forgets what was removed, whatever the size of the registry."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosie.detection import index as index_module
from sosie.detection.how import EXACT, JOINED
from sosie.detection.identity import Identity
from sosie.detection.index import MAX_BEARERS, Index
from sosie.detection.near_names import MAX_IDENTITIES
from sosie.likeness.domain_name import registrable_domain
from sosie.mail.address import Address
from sosie.registry.email_pattern import EmailPatternError
from support.judgement import people, person

NAMES = (
    "Jane Roe", "Roe, Jane", "José Núñez", "山田 太郎", "Дмитрий Волконогов", "Anne-Marie d'Aubrac", "Al Li",
    "Dr. Ottoline Vargapell", "Priscilla Q. Hawkesmoor", "Sam Lee", "Jürgen Weißkopfel", "Suryaningtyas",
    "ليلى الزعفراني", "Robert Thistlemarch",
)  # fmt: skip
LIKE = ("Jane Roe", "J. Roe", "Bob Thistlemarch", "Ottoline Vargapel", "Taro Yamada", "P. Hawkesmoor", "Surya Ningtyas")
CROWD = people(*((name, f"p{n}@host{n % 3}.example.com") for n, name in enumerate(NAMES)))


SYLLABLES = "ba be bi bo ka ke ki ko la le li lo ma me mi mo ra re ri ro sa se si so ta te ti to va ve".split()


def invented(number: int, seed: int) -> list[str]:
    """So many names of two words, as unlike each other as people's names are."""
    chance = random.Random(seed)
    return [" ".join("".join(chance.choices(SYLLABLES, k=4)).title() for _ in range(2)) for _ in range(number)]


def crowd_of(size: int) -> list[Identity]:
    """So many people."""
    return people(*((name, f"p{n}@example.com") for n, name in enumerate(invented(size, 1))))


def tables(index: Index) -> tuple:
    """All that an index keeps to find things by."""
    near = index._near and {name: keys.copy() for name, keys in vars(index._near).items()}
    return index._keys, near, index._foreign, len(index), index.domains._counts


@pytest.mark.parametrize("name", NAMES)
def test_who_was_added_is_found_by_name(name):
    """As written, in capitals, with white space around, and with the words turned round."""
    index = Index(CROWD)
    turned = " ".join(reversed(name.split())) if "," not in name else name
    for written in (name, f"  {name.upper()} ", turned):
        matches = index.named(written)
        assert name in [match.identity.name for match in matches] or name in ("Jane Roe", "Roe, Jane")
        assert matches[0].how in (EXACT, JOINED)


def test_who_was_added_is_found_by_address():
    """The literal one, in any case; and by its local part at the registrable domain."""
    index = Index(CROWD)
    assert index.at_address(Address("P3", "HOST0.example.com")) == (CROWD[3],)
    assert index.at_registrable("p3", registrable_domain("host0.example.com")) == (CROWD[3],)
    assert index.at_address(Address("p3", "example.com")) == ()


def test_a_removed_identity_is_found_no_longer():
    """Neither by name, nor by what is like it, nor by address, nor by domain."""
    jane = person("Jane Roe", "jane@roe-mills.example")
    index = Index([jane])
    index.remove(jane.entry_id)
    assert len(index) == 0
    assert [index.named(name) for name in LIKE] == [()] * len(LIKE)
    assert index.at_address(Address("jane", "roe-mills.example")) == ()
    assert "roe-mills.example" not in index.domains
    assert index.domains.lookalikes("roe-rnills.example") == ()


def test_who_cannot_be_protected_leaves_nothing_behind():
    """An entry that breaks the rules is none of the identities, so that the others can be laid out, and it may go."""
    index = Index(CROWD)
    index.prepare(to_change=True)
    before = repr(tables(index))
    with pytest.raises(EmailPatternError):
        index.add(person("Broken Pattern", "b@example.com", number=99)._replace(email="nowhere"))
    index.remove("99")
    assert repr(tables(index)) == before
    assert list(index.identities()) == CROWD
    assert list(laid_out(index).identities()) == CROWD


def test_removing_what_is_not_there_does_nothing():
    """Nor does removing twice."""
    index = Index(CROWD)
    before = repr(tables(index))
    index.remove("4711")
    assert repr(tables(index)) == before
    index.remove("1")
    index.remove("1")
    assert len(index) == len(CROWD) - 1


@given(st.sets(st.integers(0, len(CROWD) - 1)))
@settings(max_examples=40, deadline=None)
def test_adding_and_removing_is_never_having_added(gone):
    """The tables are the same, key by key, and so are all answers."""
    index = Index(CROWD)
    for place in gone:
        index.remove(CROWD[place].entry_id)
    fresh = Index(one for place, one in enumerate(CROWD) if place not in gone)
    assert index._keys.keys() == fresh._keys.keys()
    assert len(index) == len(fresh)
    assert index._foreign == fresh._foreign
    assert +index.domains._counts == +fresh.domains._counts
    for name in (*NAMES, *LIKE):
        assert index.named(name) == fresh.named(name)


def test_an_entry_costs_its_own_keys():
    """Adding one to ten thousand makes as many keys as adding it to none, and removing it takes them away."""
    jane = person("Jane Roe", "jane@example.com", number=99_999)
    alone = len(Index([jane])._keys)
    index = Index(crowd_of(10_000))
    before = len(index._keys)
    index.add(jane)
    assert len(index._keys) - before == alone
    index.remove(jane.entry_id)
    assert len(index._keys) == before


def seconds_to_look_up(index: Index, names: list[str]) -> float:
    """For names none of which was asked before."""
    started = time.perf_counter()
    for name in names:
        index.named(name)
    return time.perf_counter() - started


def test_looking_up_does_not_walk_the_registry():
    """A hundred times as many entries do not make it ten times as slow."""
    small, large, names = Index(crowd_of(100)), Index(crowd_of(10_000)), invented(1_000, 2)
    for index in (small, large):
        index.named("Nobody Inparticular")  # what is made at the first question
    seconds_to_look_up(Index(), names)  # and what is kept of words that were read once
    assert seconds_to_look_up(large, names) < 10 * seconds_to_look_up(small, names)


def test_namesakes_are_found_together():
    """Each of them, in the order of the registry; one that goes leaves the others."""
    namesakes = people(
        ("Sam Lee", "sam.lee@example.com"), ("Lee, Sam", "slee@example.org"), ("SAM LEE", "s@example.net")
    )
    index = Index(namesakes)
    assert index.bearers("Sam Lee") == tuple(namesakes)
    index.remove("2")
    assert index.bearers("Sam Lee") == (namesakes[0], namesakes[2])


def test_a_thousand_bearers_are_looked_at_in_part_and_their_addresses_in_whole():
    """Some of one name are handed out, but the address of any of them is still found."""
    index = Index(people(*(("Sam Lee", f"sam{n}@example.com") for n in range(1_000))))
    assert len(index.named("Sam Lee")) == MAX_BEARERS
    assert index.at_address(Address("sam999", "example.com"))


def test_near_names_go_and_come_back_with_the_size():
    """One entry more than the limit switches off what is merely like; half of it switches it on again."""
    index = Index(crowd_of(MAX_IDENTITIES))
    jane = person("Ottoline Vargapell", "ov@example.com", number=MAX_IDENTITIES + 1)
    assert index.is_small
    index.add(jane)
    assert not index.is_small
    assert index.named("Ottoline Vargapell")[0].identity == jane
    assert index.named("OttolineVargapell")[0].how == JOINED
    assert index.named("Ottoline Vargapel") == ()
    for number in range(1, MAX_IDENTITIES // 2 + 2):
        index.remove(str(number))
    assert index.is_small
    assert index.named("Ottoline Vargapel")[0].identity == jane


def test_a_disguise_is_seen_through_in_a_large_registry(monkeypatch):
    """Exact after normalization is for everyone."""
    monkeypatch.setattr(index_module, "MAX_IDENTITIES", 1)
    index = Index(CROWD)
    assert not index.is_small
    for name in (
        "J\u0430ne R\u043ee",
        "Ja\u200bne Roe",
        "J a n e R o e",
        "Roe Jane (CEO)",
        "𝐉𝐚𝐧𝐞 𝐑𝐨𝐞",
        "Jane\U000e0100 Roe",
    ):
        assert index.named(name)[0].identity.name == "Jane Roe"


@given(
    st.text(max_size=60)
    | st.text(st.sampled_from("\u202e\u2066\u0430\U000e0100\ud800JanRoe ,()|'\"@.\u0301山田"), max_size=40)
)
@settings(deadline=None)
def test_no_name_raises(name):
    """Whatever a display name holds, lone surrogates too, it means somebody or nobody, and is asked again alike."""
    index = Index(CROWD)
    assert index.named(name) == index.named(name)


@given(st.text(min_size=1, max_size=40).filter(lambda name: name.strip()))
@settings(deadline=None)
def test_any_name_can_be_protected(name):
    """And is found as it stands, if it has letters; and leaves nothing behind."""
    index = Index(CROWD)
    before = set(index._keys)
    index.add(person("x", "any@example.com", number=999)._replace(name=name))
    index.named(name)
    index.remove("999")
    assert set(index._keys) == before
    assert "999" not in [match.identity.entry_id for match in index.named(name)]


@pytest.mark.parametrize("size", [1_000, 1_000_000])
def test_a_name_without_end_is_cut(size):
    """What a screen never shows costs nothing: a name of a million characters is read in its beginning."""
    index = Index(CROWD)
    started = time.perf_counter()
    index.named("Jane Roe " + "x " * size)
    assert time.perf_counter() - started < 0.5


def test_what_was_found_is_remembered_until_the_registry_changes():
    """A new entry is found at once under a name that was asked before."""
    index = Index(CROWD)
    assert index.named("Ngozi Ezeanyaoha") == ()
    index.add(person("Ngozi Ezeanyaoha", "n@example.com", number=77))
    assert index.named("Ngozi Ezeanyaoha")[0].identity.entry_id == "77"


@pytest.mark.parametrize("expected", [0, len(CROWD), MAX_IDENTITIES, MAX_IDENTITIES + 1])
def test_how_many_are_expected_changes_nothing_that_is_found(expected):
    """Fewer may come, or more: the tables are those of an index that was told nothing."""
    told, untold = Index(), Index()
    told.expect(expected)
    for identity in CROWD:
        told.add(identity)
        untold.add(identity)
    told.prepare()
    untold.prepare()
    assert told._near is not None
    assert tables(told) == tables(untold)
    assert [told.named(name) for name in (*NAMES, *LIKE)] == [untold.named(name) for name in (*NAMES, *LIKE)]


def test_expecting_comes_too_late_for_those_who_are_there():
    """What is like their names is found nevertheless."""
    index = Index()
    index.add(person("Ottoline Vargapell", "ov@example.com"))
    index.expect(10)
    assert index.named("Ottoline Vargapel")


def laid_out(index: Index) -> Index:
    """The same index by way of columns."""
    return Index.from_columns(index.to_columns())


@given(st.sets(st.integers(0, len(CROWD) - 1)))
@settings(max_examples=20, deadline=None)
def test_an_index_of_columns_is_the_index(gone):
    """Table by table, whatever was removed before; and it goes on as every other does."""
    index = Index(CROWD)
    for place in gone:
        index.remove(CROWD[place].entry_id)
    fresh = Index(index.identities())
    fresh.prepare()
    again = laid_out(index)
    assert list(again.identities()) == list(fresh.identities())
    assert tables(again) == tables(fresh)
    for change in (lambda one: one.add(person("Al Lin", "al@example.com", number=50)), lambda one: one.remove("3")):
        change(fresh)
        change(again)
        assert tables(again) == tables(fresh)


def test_an_index_of_columns_finds_the_same(monkeypatch):
    """By name, by what is like it, by address, by expression and by domain; in a large registry too."""
    pattern = person("Jane Roe", r"jane\..*@roe\.example", number=98, is_regex=True)
    for limit in (MAX_IDENTITIES, 1):
        monkeypatch.setattr(index_module, "MAX_IDENTITIES", limit)
        index = Index([*CROWD, pattern])
        again = laid_out(index)
        assert again.is_small == index.is_small
        for name in (*NAMES, *LIKE):
            assert again.named(name) == index.named(name)
        assert again.bearers("Jane Roe")[0] == pattern
        assert again.at_address(Address("P3", "HOST0.example.com")) == (CROWD[3],)
        assert "host1.example.com" in again.domains
        assert again.domains.lookalikes("examp1e.com") == index.domains.lookalikes("examp1e.com") != ()


def test_an_index_is_read_faster_than_made():
    """Of a thousand people, twice at least: nothing is worked out again."""
    people_of_it = crowd_of(1_000)
    started = time.process_time()
    index = Index(people_of_it)
    index.prepare()
    made = time.process_time() - started
    columns = index.to_columns()
    started = time.process_time()
    Index.from_columns(columns)
    assert time.process_time() - started < made / 2
