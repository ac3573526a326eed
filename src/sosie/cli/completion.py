"""`sosie completion`: the script that makes a shell complete commands, options and their values."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print a script that completes commands, options and their values.

    \b
    bash  eval "$(sosie completion bash)" in ~/.bashrc
    zsh   eval "$(sosie completion zsh)" in ~/.zshrc
    fish  sosie completion fish > ~/.config/fish/completions/sosie.fish
    """
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click knows these three
    root = context.find_root().command
    print(found(root, {}, "sosie", "_SOSIE_COMPLETE").source())
