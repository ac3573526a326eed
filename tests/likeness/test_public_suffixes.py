"""The table of public suffixes says what the list says."""

from __future__ import annotations

import runpy
import subprocess
import sys
from importlib import resources
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from sosie.likeness.domain_name import a_label_domain, labels_of, registrable_domain
from sosie.likeness.tables import public_suffixes

GENERATE = Path(__file__).parents[2] / "generate/public_suffixes.py"
THE_LIST = PublicSuffixList()
RULES = [
    line.split()[0]
    for line in resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("//")
]
LABELS = ("a", "www", "city", "0x", "xn--p1ai", "例え", "ü", "example", "test", "b-c")


def by_the_list(domain: str) -> str:
    """What the package says that carries the list."""
    return THE_LIST.privatesuffix(a_label_domain(domain)) or ""


def test_every_rule_is_obeyed():
    """The domain of each rule, and one, two and three labels below it, have the registrable domain of the list."""
    for rule in RULES:
        domain = rule.removeprefix("!").removeprefix("*.")
        for below in ("", "a.", "b.a.", "c.b.a."):
            if len(labels_of(below + domain)) > 1:
                assert registrable_domain(below + domain) == by_the_list(below + domain), below + domain


@given(st.lists(st.sampled_from(LABELS), max_size=4), st.sampled_from(RULES), st.integers(0, 3))
def test_any_domain_around_a_rule(labels, rule, cut):
    """The same below a rule, and where the rule's own first labels are missing."""
    domain = ".".join([*labels, *rule.removeprefix("!").replace("*", "star").split(".")[cut:]])
    if len(labels_of(domain)) > 1:
        assert registrable_domain(domain) == by_the_list(domain)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text(text):
    """Nothing raises, and what is found is the end of what was given."""
    found = registrable_domain(text)
    assert not found or a_label_domain(text).endswith(found)


def test_the_table_is_what_the_program_writes():
    """Of this version of the list: nobody changed it by hand."""
    assert runpy.run_path(str(GENERATE))["document"]() == Path(public_suffixes.__file__).read_text(encoding="utf-8")


def test_the_list_is_loaded_in_no_time():
    """Every process that judges needs it at once: a few milliseconds of the processor."""
    code = (
        "import time, sosie.likeness.domain_name as d; t = time.process_time(); d.registrable_domain('a.example.com');"
        "print(time.process_time() - t)"
    )
    spent = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5)]
    assert min(spent) < 0.01
