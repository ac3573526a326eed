"""`sosie domain`: add, list and remove protected domains."""

from __future__ import annotations

import click

from sosie.api.protected_domains import DOMAINS
from sosie.cli.options import Common, common
from sosie.cli.output import Column
from sosie.cli.setting import Shown, add, add_list_and_remove

# How its mail is delivered is nothing that is known here; the wire asks for something.
_DELIVERY = {
    "allowed_delivery_modes": ["DIRECT"],
    "drop_dispositions": [],
    "ip_restrictions": [],
    "regions": ["GLOBAL"],
}

SHOWN = Shown(
    DOMAINS,
    (Column("DOMAIN", gives_way=True), Column("CREATED", optional=True)),
    lambda one: (one.domain, one.created_at[:19] + "Z"),
)


@click.group("domain")
def domain() -> None:
    """Add, list and remove protected domains: your own, which look-alikes are measured against."""


@domain.command("add")
@click.argument("name", metavar="DOMAIN")
@common
def add_command(common: Common, name: str) -> None:
    """Protect a domain, with everything beneath it, and print its id."""
    add(common, SHOWN, {"domain": name, **_DELIVERY})


add_list_and_remove(domain, SHOWN)
