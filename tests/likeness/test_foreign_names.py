"""Names of other scripts meet the ways in which their bearers write them in Latin letters."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sosie.likeness import chinese
from sosie.likeness.foreign_names import (
    ALL_KINDS,
    foreign_key,
    latin_keys,
    latin_spellings,
    near_foreign_keys,
    near_latin_keys,
    spelling_key,
)

KINDS = {"r": 1, "c": 1, "h": 1, "k": 1}

# Any registry: as its bearer would write it, joined or in syllables, in either order.
SURE = (
    ("曾晓岚", "Zeng Xiaolan", "Xiaolan Zeng", "Xiao-Lan Zeng", "Zeng Xiao Lan", "XIAO LAN ZENG", "zengxiaolan"),
    ("欧阳岚清", "Ouyang Lanqing", "Lanqing Ouyang", "Ou Yang Lan Qing"),
    ("吕岚清", "Lü Lanqing", "Lv Lanqing", "Lanqing Lu"),
    ("김솔비", "Kim Solbi", "Solbi Kim", "Gim Sol-bi"),
    ("박영휘", "Park Yeonghwi", "Young-hwi Bak", "Yeong Hwi Park"),
    ("이동욱", "Lee Dongwook", "Dong-uk Yi", "Rhee Dong Wook", "Donguk Lee"),
    ("최수민", "Choi Soomin", "Su-min Choe"),
    ("정현우", "Jung Hyunwoo", "Hyeon-u Jeong", "Chung Hyun Woo"),
    ("임철훈", "Lim Chulhoon", "Cheol-hun Im", "Yim Chul-Hoon"),
    ("남궁서연", "Namgoong Seoyeon", "Seo-yeon Namkung"),
    ("محمد الهرساوي", "Mohammed Al-Harsawi", "Muhammad Alharsawi", "Mohamed El Harsawi"),
    ("Евгений Корчакин", "Eugeniy Korchakin", "Yevgeny Korchakin", "Evgenii Korchakin"),
)
# A small registry: other systems, and alphabets in which letters have several Latin ones.
NEAR = (
    ("曾晓岚", "Tseng Hsiao-lan", "Hsiao-Lan Tseng"),
    ("徐建岚", "Hsu Chien-lan", "Chien-Lan Hsu"),
    ("谢子岚", "Hsieh Tzu-lan"),
    ("李晓岚", "Lee Hsiao-lan", "Li Xiaolan"),
    ("王岚", "Wang Lan", "Lan Wang"),
    ("Γιώργος Ντοκατζής", "Giorgos Ntokatzis", "Yiorgos Dokatzis", "Yorgos Dokatzis"),
    ("Ευθύμιος Μπαλταρίδης", "Efthymios Baltaridis", "Euthymios Mpaltaridis", "Eythimios Baltaridis"),
    ("Ευάγγελος Χαραγκιάς", "Evangelos Charagkias", "Evaggelos Haragkias"),
    ("Αυγουστίνος Ξενιάδης", "Avgoustinos Xeniadis", "Augoustinos Kseniadis"),
    ("प्रिया सिंहवाल", "Priya Singhwal", "Priyaa Sinhval"),
    ("विजय चौधरीवाल", "Vijay Chaudhariwal", "Vijay Chowdhriwal", "Wijay Choudhariwal"),
    ("दीपक वर्मानी", "Deepak Varmani", "Dipak Vermani"),
    ("পূজা ভট্টাশীল", "Pooja Bhattashil", "Puja Bhattasheel"),
    ("אברהם שטרנברגר", "Avraham Sternberger", "Abraham Shternberger"),
    ("Євгеній Їжакевич", "Yevhenii Yizhakevych", "Evgeniy Yizhakevych"),
)


@pytest.mark.parametrize("row", SURE, ids=lambda row: row[1])
def test_every_way_of_writing_a_name(row):
    """Each has the one key that the name itself has, for a registry of any size."""
    name, *ways = row
    key = foreign_key(name)
    assert key
    assert [way for way in ways if key not in latin_keys(way, KINDS)] == []


@pytest.mark.parametrize("row", NEAR, ids=lambda row: row[1])
def test_every_custom_of_writing_a_name(row):
    """In a small registry, other systems of romanisation count, too."""
    name, *ways = row
    keys = set(near_foreign_keys(name))
    assert [way for way in ways if keys.isdisjoint(near_latin_keys(way))] == []


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("曾晓岚", "Zeng Xiaoming"),
        ("曾晓岚", "Zhang Xiaolan"),
        ("김솔비", "Kim Sanders"),
        ("김솔비", "Park Solbi"),
        ("정현우", "Jung Hyunjin"),
        ("강서연", "Kang Soo-yeon"),
        ("Γιώργος Ντοκατζής", "Giorgos Kotzias"),
        ("प्रिया सिंहवाल", "Pooja Singhwal"),
    ],
)
def test_another_name(name, other):
    """Has no key in common."""
    assert set(near_foreign_keys(name)).isdisjoint(near_latin_keys(other))


@pytest.mark.parametrize("name", ["王岚", "김솔", "王", "李小龙建国软件", "٣"])
def test_names_of_too_many_people(name):
    """Two syllables are thousands of people's name, and five are none: no key for a large registry."""
    assert not foreign_key(name).startswith(("h", "k"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zhang Zhilan", "Chang Chih-lan"), ("Choi Minsol", "Min-Sol Choe"), ("Hsieh Tzu-lan", "Zilan Xie")],
)
def test_two_spellings_in_latin_letters(one, other):
    """Of an East Asian name of three syllables they meet as well."""
    assert not set(latin_spellings(one)).isdisjoint(latin_spellings(other))


def test_any_two_syllables_are_a_chinese_word():
    """Of Pinyin, and of Wade and Giles: what no word holds is never looked for in one, and what one holds is found."""
    for known in (chinese._TO_WADE, chinese._WADE):
        words = [one + other for one in known for other in known]
        assert all(map(chinese._in_wade, words))
    assert all(map(chinese._count, [one + other for one in chinese._TO_WADE for other in chinese._TO_WADE]))


@given(
    st.lists(st.sampled_from("Kim kim MIN jun Chang chih lan zhi Xie Roe quill Lee".split()), min_size=1, max_size=4)
)
def test_spaces_make_no_other_name(words):
    """However many there are between the words of a name."""
    one, other = " ".join(words), "  ".join(words)
    assert latin_spellings(one) == latin_spellings(other)
    assert spelling_key(one) == spelling_key(other)


@pytest.mark.parametrize("name", ["Torwald Quillfeather", "Wei Ho", "Jane Roe", "김솔비", ""])
def test_who_has_no_other_spelling(name):
    """Names that are not East Asian, and those of two syllables, of which nobody can say whose they are."""
    assert latin_spellings(name) == ()


@given(
    st.lists(
        st.sampled_from("al Él kim min lam an Wáng lǚ xiao zhi Roe Łucja Núñez o'n ʼa ŉ ß 7 . - ,".split()), max_size=7
    ),
    st.sampled_from(["", " ", "-", "  ", "'"]),
)
@example(["wab", "an", "li"], " ")  # wa ban li
@example(["wab-an"], " ")
def test_all_keys_at_once_are_those_of_each_kind(pieces, between):
    """Whether a name is of plain letters or not, looking at its words once finds what each kind finds by itself."""
    name = between.join(pieces)
    assert near_latin_keys(name) == tuple(key for kind in ALL_KINDS for key in near_latin_keys(name, (kind,)))


@given(st.text(st.characters(), max_size=60))
def test_any_text(text):
    """Nothing raises, and no key is empty."""
    near_latin, near_foreign = near_latin_keys(text), near_foreign_keys(text)
    assert all((*near_latin, *near_foreign, *latin_keys(text, KINDS), *latin_spellings(text)))
    assert not (near_latin and near_foreign)
    assert isinstance(foreign_key(text), str)
