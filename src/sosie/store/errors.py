"""What a store can answer besides rows.

StoreError
 +- DatabaseUnusable       nothing can be read or written now, whatever it is
 |   +- StoreAway          the database cannot be reached or does not answer in time; nothing can be said of the write
 |   |   +- NoDatabase     there is none where one is expected
 |   +- SchemaTooNew       the database was migrated by a newer version than this one can live with
 |   +- WrongSecretKey     the secret key is not the one that this database's hashes were made with
 +- AlreadyThere           something unique exists already; the database's word, translated once
 +- NoSuchAccount          no account with this id
"""

from __future__ import annotations


class StoreError(Exception):
    """The trunk of this small tree."""


class DatabaseUnusable(StoreError):
    """This process can do nothing with the database as it is now."""


class StoreAway(DatabaseUnusable):
    """The database is away; trying again later may help."""


class NoDatabase(StoreAway):
    """There is no embedded database in the folder: perhaps another one is meant, or it is not mounted yet."""


class AlreadyThere(StoreError):
    """`what` names the thing that exists already."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} exists already")


class NoSuchAccount(StoreError):
    """No account with this id."""

    def __init__(self, account_id: str) -> None:
        super().__init__(f"there is no account {account_id}")


class SchemaTooNew(DatabaseUnusable):
    """Run a newer sosie on this database."""


class WrongSecretKey(DatabaseUnusable):
    """Every process of one database needs the same secret key."""
