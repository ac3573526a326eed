"""The locks: the same packages everywhere, known by their hashes, and no place that they come from."""

from __future__ import annotations

import re
import tomllib

import pytest

from support.house import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _locked(name: str) -> dict[str, str]:
    return {_normal(package): version for package, version in _REQUIREMENT.findall(_text(name))}


def _normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", package, maxsplit=1)[0]).lower()


def _wanted() -> tuple[set[str], set[str]]:
    project = tomllib.loads(_text("pyproject.toml"))
    extras = [one for many in project["project"].get("optional-dependencies", {}).values() for one in many]
    run = {_normal(one) for one in project["project"]["dependencies"]}
    develop = {_normal(one) for one in (*project["dependency-groups"]["dev"], *extras)}
    return run, develop


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_hashes_and_none_an_address(name):
    """pip installs them with --require-hashes from wherever it is told to."""
    blocks = re.split(r"\n(?=[A-Za-z0-9])", _text(name))
    packages = [block for block in blocks if _REQUIREMENT.match(block)]
    assert len(packages) > 5
    assert [block.splitlines()[0] for block in packages if "--hash=sha256:" not in block] == []
    assert "://" not in _text(name)
    assert "--index-url" not in _text(name)


def test_the_locks_hold_what_the_project_asks_for():
    """A dependency that is not locked is another one on every machine."""
    run, develop = _wanted()
    assert run <= set(_locked("requirements.lock"))
    assert run | develop <= set(_locked("requirements-dev.lock"))


def test_the_tests_run_with_the_versions_that_are_run():
    """What is in both locks is the same in both."""
    run, develop = _locked("requirements.lock"), _locked("requirements-dev.lock")
    assert {name: version for name, version in run.items() if develop.get(name) != version} == {}
