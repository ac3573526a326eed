"""What a sender writes of any length is judged, and takes no memory when that is done."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from sosie.detection.examine import examine
from sosie.mail.message import Message
from support.judgement import HOST, knowledge_of, people

LONG = "x" * 200_000


@pytest.mark.parametrize(
    "field",
    [
        "From: {0} " + LONG + " <x81@mail.example>",
        "From: Bob <x81@mail.example> ({0}" + LONG + ")",
        "From: Bob <x81@x{0}" + LONG + ".example>",
        "From: Jane Roe <x81@x{0}." + "x." * 100_000 + "example>",
        "From: Bob <x81@mail.example>\r\nReply-To: Jane Roe <x@x{0}" + LONG + ".example>",
    ],
    ids=["name", "comment", "domain", "labels", "reply-to"],
)
def test_a_long_field_leaves_nothing(field):
    """Of thirty letters of 200 kB each less than a fifth stays."""
    knowledge = knowledge_of(people(("Jane Roe", "jane.roe@example.com")))
    results = f"Authentication-Results: {HOST}; dmarc=fail header.from=mail.example\r\n"
    tracemalloc.start()
    try:
        for number in range(30):
            examine(Message.from_bytes(f"{results}{field.format(number)}\r\n\r\n".encode()), knowledge)
        gc.collect()
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < 1_200_000
