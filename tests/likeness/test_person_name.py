"""The form in which two spellings of one name are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.likeness.person_name import normal_form


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("JANE   roe", "Jane Roe"),
        (" Jane\u00a0Roe\t", "Jane Roe"),
        ("Ｊａｎｅ　Ｒｏｅ", "Jane Roe"),
        ("Jose\u0301 Nu\u0301n\u0303ez", "José Núñez"),
        ("Straße", "STRASSE"),
        ("ﬁona", "Fiona"),
    ],
)
def test_spellings_of_one_name(spelling, name):
    """Case, kinds of white space, composition and compatibility characters make no difference."""
    assert normal_form(spelling) == normal_form(name)


@pytest.mark.parametrize("other", ["Jane Row", "Roe Jane", "JaneRoe", "J. Roe", ""])
def test_other_names(other):
    """Another name stays another name."""
    assert normal_form(other) != normal_form("Jane Roe")


@given(st.text())
def test_the_form_is_stable(text):
    """A normal form is its own normal form, whatever the text."""
    form = normal_form(text)
    assert normal_form(form) == form
