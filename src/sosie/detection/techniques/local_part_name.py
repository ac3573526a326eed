"""Local part that spells the name: a protected name stands in the address alone, at a host where anybody can get it.

Examples: `<janeroe94@gmail.example>`, `Payroll <roe.jane@gmail.example>`.

Namesakes have addresses too, so it is a weak sign: it counts at free mail hosts only, and only where the display name
says nothing, or a role or a matter, instead of somebody's name. In a large registry it is not looked for. What was made
to look like an address of the person is `lookalike_address`'s.
"""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.evidence import expected, of_local_part
from sosie.detection.report import Report, found, named
from sosie.detection.signs import sign
from sosie.detection.spelt_name import SpeltName
from sosie.detection.verdict import Finding

NAME = "local_part_name"


def examine(case: Case) -> list[Finding]:
    """A finding for every author whose local part spells a protected name."""
    return [_finding(case, spelt) for spelt in case.spelt_names if not spelt.as_address]


def _finding(case: Case, spelt: SpeltName) -> Finding:
    return found(
        NAME,
        spelt.claim,
        Report(
            portion=spelt.address.local_part,
            reason=f"Protected Name {named(spelt.people)} should not appear as {spelt.address.text}",
            expected=expected(spelt.people),
            signs=[sign("local part spells the name", spelt.text), *of_local_part(case, spelt)],
        ),
    )
