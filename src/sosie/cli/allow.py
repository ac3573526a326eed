"""`sosie allow`: add, list and remove allow policies."""

from __future__ import annotations

import click

from sosie.api.allow_policies import POLICIES
from sosie.cli.options import Common, common
from sosie.cli.output import Column
from sosie.cli.setting import Shown, add, add_list_and_remove
from sosie.registry.allow_policy import MAX_COMMENTS, PATTERN_TYPES, AllowPolicy

_FLAGS = {
    "is_trusted_sender": "trusted",
    "is_acceptable_sender": "acceptable",
    "is_exempt_recipient": "recipient",
    "verify_sender": "verified",
}


def _cells(policy: AllowPolicy) -> tuple[str, ...]:
    flags = ", ".join(word for name, word in _FLAGS.items() if getattr(policy, name))
    kind = f"{policy.pattern_type} regex" if policy.is_regex else policy.pattern_type
    return policy.pattern, kind, flags, policy.comments or ""


SHOWN = Shown(
    POLICIES,
    (Column("PATTERN", gives_way=True), Column("TYPE"), Column("MEANS"), Column("COMMENTS", True, True)),
    _cells,
)


@click.group("allow")
def allow() -> None:
    """Add, list and remove allow policies: whose mail, or mail to whom, is exempt."""


@allow.command("add")
@click.argument("pattern")
@click.option("--type", "pattern_type", required=True, type=click.Choice(PATTERN_TYPES, case_sensitive=False),
              help="What the pattern is.")  # fmt: skip
@click.option(
    "--regex", "is_regex", is_flag=True, help="It is a regular expression in Java syntax, for the whole text."
)
@click.option("--trusted", "is_trusted_sender", is_flag=True, help="Mail from there is exempt from everything.")
@click.option("--acceptable", "is_acceptable_sender", is_flag=True, help="It is exempt from Spam, Spoof and Bulk.")
@click.option("--recipient", "is_exempt_recipient", is_flag=True, help="Mail to there is exempt from everything.")
@click.option("--verify/--no-verify", "verify_sender", default=True, show_default=True,
              help="Whether it counts only where DMARC, SPF or DKIM passed.")  # fmt: skip
@click.option("--comments", metavar="TEXT", help=f"A note; at most {MAX_COMMENTS} characters.")
@common
def add_command(common: Common, **document: str | bool | None) -> None:
    """Add a policy and print its id."""
    if not any(document[name] for name in _FLAGS if name != "verify_sender"):
        raise click.UsageError("say what it means: --trusted, --acceptable or --recipient")
    add(common, SHOWN, document)


add_list_and_remove(allow, SHOWN)
