"""Where an entry came from: the four values of the wire.

An absent provenance means A1S_INTERNAL, entered by hand. An explicit null is kept as null (a client that wrote null
expects to read null) and counts as A1S_INTERNAL wherever entries are filtered.
"""

from __future__ import annotations

A1S_INTERNAL = "A1S_INTERNAL"
PROVENANCES = (A1S_INTERNAL, "SNOOPY-CASB_OFFICE_365", "SNOOPY-OFFICE_365", "SNOOPY-GOOGLE_DIRECTORY")


def source_of(provenance: str | None) -> int:
    """The provenance as a small number (its place in PROVENANCES), null counted as A1S_INTERNAL."""
    return 0 if provenance is None else PROVENANCES.index(provenance)


def is_directory_synced(provenance: str | None) -> bool:
    """Whether an entry with this provenance belongs to a directory."""
    return provenance is not None and provenance != A1S_INTERNAL
