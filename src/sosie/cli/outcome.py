"""The one place that turns every outcome of a command into an exit status. What it raises is said in one line."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

import click

from sosie.cli.exit_status import DONE, FAILED, INTERRUPTED, PARTLY
from sosie.cli.group import sosie


def run() -> int:
    """Do what the command line says; the exit status."""
    _prepare_streams()
    try:
        outcome = sosie.main(prog_name="sosie", standalone_mode=False)
        _flush()
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return FAILED
    except click.ClickException as error:
        _explain(error)
        return FAILED
    except BrokenPipeError:
        return PARTLY  # whoever read has read enough
    except Exception as error:  # noqa: BLE001 - the last place: one line instead of a traceback
        from sosie.cli.errors import to_line

        click.echo(f"sosie: {to_line(error)}", err=True)
        with suppress(OSError):
            _flush()
        return FAILED
    return outcome if isinstance(outcome, int) else DONE


def _prepare_streams() -> None:
    """A name that an old terminal cannot show must not end a command, nor a stream that is closed from the start."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            from pathlib import Path

            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open to the end
        elif isinstance(stream, io.TextIOWrapper) and mode == "w":
            stream.reconfigure(errors="backslashreplace")


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered has nowhere to go
        raise


def _explain(error: click.ClickException) -> None:
    message = " ".join(error.format_message().split())
    click.echo(f"sosie: {message}", err=True)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(f"Try `{error.ctx.command_path} --help`.", err=True)
