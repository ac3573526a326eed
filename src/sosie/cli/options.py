"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import click


class Common(NamedTuple):
    """`account_id` is None where neither --account nor SOSIE_ACCOUNT_ID says one."""

    account_id: str | None
    as_json: bool


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON: one object, or one a line.")
account_option = click.option(
    "--account",
    "account_id",
    metavar="ID",
    envvar="SOSIE_ACCOUNT_ID",
    show_envvar=True,
    help="The account; may be left out where there is only one.",
)


def _names(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """In lower case, as they are compared. Several may stand in one, divided by commas as in SOSIE_AUTHSERV_IDS."""
    return tuple(name for text in given for part in text.split(",") if (name := part.strip().lower()))


authserv_option = click.option(
    "--authserv-id",
    "authserv_ids",
    multiple=True,
    metavar="NAME",
    callback=_names,
    help="Whose Authentication-Results are believed; may be given several times.",
)


def common(command: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command --account and --json, as its argument `common`."""

    @account_option
    @json_option
    @wraps(command)
    def with_common(account_id: str | None, as_json: bool, **given: Any) -> int | None:
        return command(Common(account_id, as_json), **given)

    return with_common
