"""Address in the name: the display name holds a protected address among other words, and the mail comes from another.

Examples: `From: "Jane Roe <jane.roe@example.com>" <x81@mail.example>`, `From: "Treasury (jane.roe@example.com)"
<x82@mail.example>`. It reads like a mailbox with its address, and the true address stands behind it or is not shown.

Leaves alone addresses that the registry does not know (calendars and web shops put their customers' into names), and
mail that comes from one of the same person's addresses. A name that is nothing but the address is `address_as_name`'s.
"""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.evidence import expected, of_named_address
from sosie.detection.named_address import NamedAddress
from sosie.detection.report import Report, found, shorten
from sosie.detection.signs import sign
from sosie.detection.verdict import Finding

NAME = "address_in_name"


def examine(case: Case) -> list[Finding]:
    """A finding for every author whose name holds, beside other words, the address of somebody else."""
    return [_finding(case, held) for held in case.named_addresses if held.rest]


def _finding(case: Case, held: NamedAddress) -> Finding:
    return found(
        NAME,
        held.claim,
        Report(
            portion=held.portion,
            reason=f"Protected Address {shorten(held.address.text)} should not stand in the name of "
            f"{held.claim.shown_address}",
            expected=expected(held.people),
            signs=[sign("address in the name", held.address.text), *of_named_address(case, held)],
        ),
    )
