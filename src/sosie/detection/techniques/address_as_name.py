"""Address as name: the display name is a protected address and nothing else, and the mail comes from another one.

Example: `From: "jane.roe@example.com" <x81@mail.example>`. Programs that show the display name alone show the
protected address.

Leaves alone addresses that the registry does not know, and mail that comes from one of the same person's addresses.
Among other words the address is `address_in_name`'s.
"""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.evidence import expected, of_named_address
from sosie.detection.named_address import NamedAddress
from sosie.detection.report import Report, found, shorten
from sosie.detection.signs import sign
from sosie.detection.verdict import Finding

NAME = "address_as_name"


def examine(case: Case) -> list[Finding]:
    """A finding for every author whose name is the address of somebody else."""
    return [_finding(case, held) for held in case.named_addresses if not held.rest]


def _finding(case: Case, held: NamedAddress) -> Finding:
    address = shorten(held.address.text)
    return found(
        NAME,
        held.claim,
        Report(
            portion=held.portion,
            reason=f"Protected Address {address} should not appear as the name of {held.claim.shown_address}",
            expected=expected(held.people),
            signs=[sign("protected address as the name", held.address.text), *of_named_address(case, held)],
        ),
    )
