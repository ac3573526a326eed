"""Whose address this is: literal addresses, patterns, subaddresses, and what Gmail takes for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.detection.addresses import belongs_to, owner_among, owners, spellings
from sosie.detection.index import Index
from sosie.mail.address import Address
from support.judgement import people, person

JANE = person("Jane Roe", "jane.roe@example.com, jroe@example.net")


def address(text: str) -> Address:
    return Address(*text.rsplit("@", 1))


@pytest.mark.parametrize(
    "text", ["jane.roe@example.com", "Jane.Roe@EXAMPLE.com", "jroe@example.net", "jane.roe+news@example.com"]
)
def test_what_is_hers(text):
    """Each of her addresses, in any case, with any subaddress."""
    assert belongs_to(address(text), JANE)
    assert owners(address(text), Index([JANE])) == (JANE,)


@pytest.mark.parametrize(
    "text",
    [
        "jane.roe@example.org",
        "janeroe@example.com",
        "jane.roe@mail.example.com",
        "jane.roe-news@example.com",
        "+jane.roe@example.com",
        "jane.roe@example.com.evil.example",
        "j\u0430ne.roe@example.com",
    ],
)
def test_what_is_not(text):
    """Another domain, a subdomain, other dots, another separator, a look-alike letter."""
    assert not belongs_to(address(text), JANE)
    assert owners(address(text), Index([JANE])) == ()


@pytest.mark.parametrize(
    "text", ["ana.souzaperim@gmail.com", "anasouzaperim@googlemail.com", "a.n.a.souzaperim+x@gmail.com"]
)
def test_dots_do_not_matter_at_gmail(text):
    """Nor does the second domain; that is the provider's word."""
    ana = person("Ana Souzaperim", "Ana.SouzaPerim@gmail.com")
    assert belongs_to(address(text), ana)
    assert owner_among(address(text), [ana], Index([ana])) == ana
    assert owners(address(text), Index([ana])) == (ana,)


def test_dots_matter_elsewhere():
    """Nobody else has said that they do not."""
    ana = person("Ana Souzaperim", "ana.souzaperim@outlook.com")
    assert not belongs_to(address("anasouzaperim@outlook.com"), ana)


def test_a_pattern_is_held_against_the_whole_address():
    """With a subaddress or without; never against a part of it."""
    jose = person("José Núñez", r"jose\.nunez@example\.(com|net)", is_regex=True)
    assert belongs_to(address("Jose.Nunez@example.net"), jose)
    assert belongs_to(address("jose.nunez+travel@example.com"), jose)
    assert not belongs_to(address("jose.nunez@example.com.evil.example"), jose)
    assert not belongs_to(address("x.jose.nunez@example.com"), jose)


def test_of_namesakes_the_one_whose_address_it_is():
    """What is right for one of them is right."""
    namesakes = people(("Sam Lee", "sam.lee@example.com"), ("Sam Lee", "slee@example.org"))
    index = Index(namesakes)
    assert owner_among(address("slee@example.org"), namesakes, index) == namesakes[1]
    assert owner_among(address("sam@example.com"), namesakes, index) is None
    assert owner_among(address("slee@example.org"), [], index) is None


def test_of_very_many_namesakes_each_has_his_own():
    """More bear the name than are looked at one by one: the address of the last of them is his all the same."""
    crowd = people(*(("Sam Lee", f"sam{n}@example.com") for n in range(500)))
    index = Index(crowd)
    shown = [match.identity for match in index.named("Sam Lee")]
    assert len(shown) < len(crowd)
    assert owner_among(address("sam499@example.com"), shown, index) == crowd[499]
    assert owner_among(address("sam500@example.com"), shown, index) is None


@given(st.text('jane.+ß@"', max_size=12), st.sampled_from(["example.com", "gmail.com", "Googlemail.COM", ""]))
def test_any_address_is_one_of_its_spellings(local_part, domain):
    """Whatever it holds; and there are at most four."""
    one = Address(local_part, domain)
    found = list(spellings(one))
    assert found[0] == one
    assert len(found) <= 4
