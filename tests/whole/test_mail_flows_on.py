"""The milter is killed, told to stop, frozen and fed another registry under a stream of letters: none is lost."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from functools import partial

from support.letter_stream import FLAGGED, LETTERS, Kind, Stream, told_of
from support.milter import ENTRIES, Milter
from support.postfix import Postfix, open_folder

# As often something happens to the milter.
BLOWS, PAUSE = (4, 0.08) if LETTERS < 2000 else (8, 0.0)

LATER = ("Martin Vance", "martin.vance@example.com")  # who is in the registry after a while only
KINDS = (
    Kind("honest", "Richard Miles <richard@partner.example>", "example.com"),
    Kind("tagged", "Jane Roe <jane.roe@bulk.example>", "example.com"),
    Kind("refused", "John Doe <john.doe@bulk.example>", "strict.example"),
    Kind("later", "Martin Vance <martin.vance@bulk.example>", "example.com"),
    Kind("honest", "Susan Pike <susan@partner.example>", "strict.example"),
)


def strike(milter: Milter, number: int) -> None:
    """Something that happens to a process; afterwards it is there again."""
    if number % 4 == 3:
        milter.process.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        milter.process.send_signal(signal.SIGCONT)
        return
    milter.stop(signal.SIGKILL if number % 2 else signal.SIGTERM)
    time.sleep(0.1)
    if number == BLOWS // 2:
        milter.write_registry((*ENTRIES, LATER))
    milter.start()


def test_every_letter_arrives_or_is_answered():
    """Each that was taken is there, once; each that was refused is not; nobody honest was refused; and what was judged
    says so in one header field that we wrote."""
    actions = [part for one in FLAGGED for part in ("--action", f"strict.example:{one}=reject")]
    with open_folder() as folder, Milter(folder, "", *actions) as milter:
        with Postfix(smtpd_milters=milter.address, virtual_mailbox_domains="example.com, strict.example") as postfix:
            stream = Stream(postfix, KINDS, PAUSE)
            stream.run([partial(strike, milter, number) for number in range(BLOWS)])
            arrived = stream.arrived()
        assert "Traceback" not in milter.log.read_text()

    refused = stream.refused()
    assert {stream.kind_of(number).name for number in refused} <= {"refused"}
    assert {answer.code for answer in refused.values()} <= {550}
    told = Counter((stream.kind_of(number).name, told_of(one)) for number, one in arrived.items())
    print(json.dumps({"letters": LETTERS, "refused": len(refused), "told": {" ".join(k): n for k, n in told.items()}}))
    assert told["honest", "flagged"] == 0
    assert told["tagged", "clean"] == 0
    assert told["later", "flagged"] > 0
    assert told["later", "clean"] > 0
    unjudged = sum(count for (_, how), count in told.items() if how == "unjudged")
    assert unjudged < LETTERS / 2, "the milter is there nearly all the time"
    assert len(refused) > LETTERS / len(KINDS) / 3
