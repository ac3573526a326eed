"""Asks ICU, which Debian packs for its own Python (python3-icu), from another process."""

from __future__ import annotations

import functools
import json
import subprocess
from pathlib import Path

import pytest

DEBIAN_PYTHON = Path("/usr/bin/python3")
_UNICODE_OF_ICU = "15.0"  # the Unicode version of Debian 12's ICU 72; the lists of differences are made for it
_PROGRAM = """
import icu, json, sys
asked = json.load(sys.stdin)
if asked == "version":
    answer = icu.UNICODE_VERSION
elif asked == "scripts":
    answer = [icu.Script.getScript(chr(one)).getName() for one in range(0x110000)]
else:
    checker = icu.SpoofChecker()
    answer = [str(checker.getSkeleton(0, one)) for one in asked]
json.dump(answer, sys.stdout)
"""


def ask(question):
    """The answer to `scripts`, to `version`, or to a list of texts: their skeletons."""
    run = subprocess.run(
        [DEBIAN_PYTHON, "-c", _PROGRAM], input=json.dumps(question), capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


@functools.cache
def _why_not() -> str:
    try:
        version = ask("version")
    except (OSError, subprocess.CalledProcessError):
        return "needs Debian's package python3-icu"
    return "" if version == _UNICODE_OF_ICU else f"ICU has Unicode {version}, the differences are known for 15.0"


def require_icu():
    """Skip the test where there is no such ICU."""
    if reason := _why_not():
        pytest.skip(reason)
