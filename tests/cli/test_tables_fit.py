"""Tables fit the terminal, count columns as it does, and hold nothing that would steer it."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest

from sosie.cli.output import columns_of, cut, visible
from support.server import SOSIE


@pytest.mark.parametrize("width", [50, 80, 120])
def test_a_table_fits_the_columns_there_are(filled, width):
    """Text gives way, with an ellipsis; ids never do."""
    lines = filled("entry", "list", COLUMNS=str(width)).lines
    assert len(lines) == 8
    assert all(columns_of(line) <= max(width, 64) for line in lines)  # an id, and twelve columns each of two texts
    assert all(len(line.split()[0]) == 36 for line in lines[1:])
    assert "…" in lines[-1]
    assert ("PROVENANCE" in lines[0]) == (width == 120)


def test_a_table_in_a_pipe_is_not_cut(filled):
    """`sosie entry list | grep` finds what is there."""
    assert ("A name that goes on and on " * 9).strip() in filled("entry", "list").stdout


def test_a_table_fits_a_real_terminal(filled):
    """Whose width is asked for."""
    master, slave = pty.openpty()
    os.set_inheritable(slave, True)
    import termios

    termios.tcsetwinsize(slave, (24, 66))
    done = subprocess.run(
        [SOSIE, "entry", "list"], env=filled.environment, stdout=slave, stderr=subprocess.PIPE, check=True
    )
    os.close(slave)
    text = os.read(master, 100_000).decode()
    os.close(master)
    assert done.stderr.startswith(b"entries 1 to 7")
    assert max(columns_of(line) for line in text.splitlines()) <= 66


def test_hidden_and_steering_characters_are_written_out(filled):
    """An entry's name can colour or turn nobody's terminal; JSON has it as it is."""
    table = filled("entry", "list").stdout
    assert "Eve\\x1b[31m\\u202e" in table
    assert "\x1b" not in table


def test_widths_are_those_of_a_terminal():
    """Two for CJK and emoji, none for combining marks (UAX 11)."""
    assert [columns_of(text) for text in ("abc", "張偉", "e\u0301", "🎄", "ｆｕｌｌ")] == [3, 4, 1, 2, 8]
    assert cut("張偉張偉", 5) == "張偉…"
    assert cut("張偉張偉", 8) == "張偉張偉"
    assert cut("e\u0301" * 5, 3) == "e\u0301e\u0301…"


def test_joiners_that_spelling_needs_stay():
    """Persian writes a zero-width non-joiner (RFC 5892, A.1)."""
    assert visible("می\u200cخواهم") == "می\u200cخواهم"
    assert visible("a\u200bb\n\x85\u2028\U000e0041") == "a\\u200bb\\x0a\\x85\\u2028\\U000e0041"
