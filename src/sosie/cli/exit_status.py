"""What a command ends with. A command that returns nothing is DONE; an error that it raises is FAILED."""

from __future__ import annotations

DONE = 0
PARTLY = 1  # done in part, or the answer is no
FAILED = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count
