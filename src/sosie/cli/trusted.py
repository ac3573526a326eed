"""`sosie trusted`: add, list and remove trusted domains."""

from __future__ import annotations

import click

from sosie.api.trusted_domains import DOMAINS
from sosie.cli.options import Common, common
from sosie.cli.output import Column
from sosie.cli.setting import Shown, add, add_list_and_remove
from sosie.registry.allow_policy import MAX_COMMENTS
from sosie.registry.trusted_domain import TrustedDomain


def _cells(one: TrustedDomain) -> tuple[str, ...]:
    flags = [word for word, given in (("similar", one.is_similarity), ("recent", one.is_recent)) if given]
    return one.pattern, "regex" if one.is_regex else "domain", ", ".join(flags), one.comments or ""


SHOWN = Shown(
    DOMAINS,
    (Column("PATTERN", gives_way=True), Column("TYPE"), Column("MAY BE"), Column("COMMENTS", True, True)),
    _cells,
)


@click.group("trusted")
def trusted() -> None:
    """Add, list and remove trusted domains: those that may look like yours, or be new."""


@trusted.command("add")
@click.argument("pattern")
@click.option(
    "--regex", "is_regex", is_flag=True, help="It is a regular expression in Java syntax, for the whole name."
)
@click.option("--similar", "is_similarity", is_flag=True, help="It may look like a domain of yours.")
@click.option("--recent", "is_recent", is_flag=True, help="It may be new.")
@click.option("--comments", metavar="TEXT", help=f"A note; at most {MAX_COMMENTS} characters.")
@common
def add_command(common: Common, **document: str | bool | None) -> None:
    """Trust a domain and print its id."""
    if not (document["is_similarity"] or document["is_recent"]):
        raise click.UsageError("say what it may be: --similar or --recent")
    add(common, SHOWN, document)


add_list_and_remove(trusted, SHOWN)
