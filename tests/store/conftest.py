"""An opened database with an account, for the tests of the store."""

from __future__ import annotations

import pytest

from support.registry import new_account


@pytest.fixture
def account(opened) -> int:
    """The number of an account in the opened database."""
    run, database = opened
    return run(new_account(database))
