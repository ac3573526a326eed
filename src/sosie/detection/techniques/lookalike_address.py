"""Look-alike address: a local part at a free mail host is made to be taken for a protected address.

Examples: `<jane.roe.example@gmail.example>` and `<jane.roe_example.com@gmail.example>` for jane.roe@example.com,
`<jane.r0e@gmail.example>`, and one slip away from an address that the person has at the same host.

Counts at free mail hosts only, where anybody gets an address, and only where the display name says nothing, or a role
or a matter, instead of somebody's name. A local part that merely spells the name is `local_part_name`'s. In a large
registry only a whole address is looked for.
"""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.evidence import expected, of_local_part
from sosie.detection.report import Report, found
from sosie.detection.signs import sign
from sosie.detection.spelt_name import SpeltName
from sosie.detection.verdict import Finding

NAME = "lookalike_address"


def examine(case: Case) -> list[Finding]:
    """A finding for every author whose address was made to be taken for a protected one."""
    return [_finding(case, spelt) for spelt in case.spelt_names if spelt.as_address]


def _finding(case: Case, spelt: SpeltName) -> Finding:
    return found(
        NAME,
        spelt.claim,
        Report(
            portion=spelt.address.local_part,
            reason=f"Address {spelt.address.text} looks like one of {spelt.people[0].name}",
            expected=expected(spelt.people),
            signs=[sign("like a protected address", spelt.as_address), *of_local_part(case, spelt)],
        ),
    )
