"""What can be wrong with an entry, by meaning. The doors turn meaning into statuses, codes and exit values.

RegistryError
 +- InvalidFields       one or more fields break a rule; every one is named
 +- EntryNotFound       no such entry in this account
 +- SettingNotFound     no such allow policy, trusted domain or protected domain in this account
 +- DirectorySynced     the entry belongs to a directory and is not changed by hand
"""

from __future__ import annotations

from dataclasses import dataclass


class RegistryError(Exception):
    """The trunk of this small tree."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that breaks one rule: a JSON pointer (RFC 6901) and a sentence for a person."""

    pointer: str
    message: str


class InvalidFields(RegistryError):
    """`faults` holds one Fault for every field that breaks a rule, in the order of the field table."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.message}" for fault in faults))
        self.faults = faults


class EntryNotFound(RegistryError):
    """No entry with this id in this account."""


class SettingNotFound(RegistryError):
    """`noun` says what was looked for; `pointer` where its id stands in the request, if that is in the body."""

    def __init__(self, noun: str, pointer: str = "") -> None:
        super().__init__(noun)
        self.noun = noun
        self.pointer = pointer


class DirectorySynced(RegistryError):
    """Directory-synced entries can't be updated: their directory is the place to change them."""
