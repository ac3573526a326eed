"""`sosie`, the console script."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run, and exit."""
    gc.disable()  # what is imported stays, so looking for what is no longer needed finds nothing; `group` ends this
    from sosie.cli.outcome import run

    sys.exit(run())
