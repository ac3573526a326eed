"""`sosie completion`: a shell completes commands, options and their values."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sosie.cli.group import COMMANDS
from support.server import SOSIE


@pytest.fixture(scope="module")
def script() -> str:
    """What `eval "$(sosie completion bash)"` takes."""
    return subprocess.run([SOSIE, "completion", "bash"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["sosie", ""], set(COMMANDS)),
        (["sosie", "entry", ""], {"add", "edit", "export", "import", "list", "remove", "show"}),
        (["sosie", "entry", "list", "--pro"], {"--provenance"}),
        (["sosie", "entry", "list", "--order", ""], {"created_at", "name", "email"}),
    ],
)
def test_bash_completes(script, words, expected):
    """Commands, options and values, in a real bash."""
    typed = " ".join(f"'{word}'" for word in words)
    asking = f"""{script}
COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}
_sosie_completion sosie '{words[-1]}' '{words[-2]}'
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    path = f"{Path(SOSIE).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", asking], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == expected
    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script(bare_embedded, shell):
    """Which asks the program, as the one for bash does; here with the protocol of each."""
    script = bare_embedded("completion", shell).stdout
    assert f"_SOSIE_COMPLETE={shell}_complete" in script
    words = "sosie entry " if shell == "zsh" else "sosie entry"
    asked = bare_embedded(
        _SOSIE_COMPLETE=f"{shell}_complete", COMP_WORDS=words, COMP_CWORD="2" if shell == "zsh" else ""
    )
    assert "import" in asked.stdout


def test_help_names_every_command(bare_embedded):
    """With a line about each, from the table that knows them without importing them."""
    shown = bare_embedded("--help").stdout
    for name, entrance in COMMANDS.items():
        assert f"  {name} " in shown
        assert entrance.summary in " ".join(shown.split())
