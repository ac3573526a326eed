"""What is sent to be judged: a message as it stands, or JSON with its header and envelope."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sosie.api.parameters import Parameter, read_ip
from sosie.detection.arrival import NO_ENVELOPE, Arrival
from sosie.detection.exemptions import Envelope
from sosie.registry.errors import Fault, InvalidFields
from sosie.screening.verifying.body_hash import NO_HASHES, Hashes

MAX_RECIPIENTS = 1000  # of one message; mail servers take 100 (RFC 5321, 4.5.3.1.8) to 1,000
MAX_TEXT = 1000  # characters of an address or a name: a line of SMTP has at most 512 (RFC 5321, 4.5.3.1.4)
MAX_FIELDS = 2000  # header fields; more than that are not looked at anyway
MANY_FAULTS = 1000  # of a batch: two million could be made of 16 MiB, and fill an answer of hundreds

_NAME = re.compile(r"[!-9;-~]+")  # RFC 5322, 3.6.8
_AROUND_PATH = " \t<>"
_ENDS_FIELD = re.compile(r"\r?\n(?![ \t])|\r(?!\n)|\0")

ENVELOPE = (
    Parameter("mail_from", "string", "Return path of the envelope (MAIL FROM).", default="", max_length=MAX_TEXT),
    Parameter("rcpt_to", "string", "A recipient of the envelope (RCPT TO); may be given several times.", many=True,
              max_length=MAX_TEXT),
    Parameter("ip", "string", "IP address that the message came from.", default="", is_ip=True),
    Parameter("helo", "string", "What the client called itself.", default="", max_length=MAX_TEXT),
    Parameter("server_name", "string", "Name of the client, looked up by its address.", default="",
              max_length=MAX_TEXT),
    Parameter("queue_id", "string", "The mail server's name for the message.", default="", max_length=MAX_TEXT),
)  # fmt: skip
RECORD = Parameter("record", "boolean", "Keep a record of what is flagged, and learn; needs Write.", default=False)
QUERY = (*ENVELOPE, RECORD)


class Asked(NamedTuple):
    """One message to judge. Its header section is enough; `hashes` are of the body, None where that is there, too."""

    raw: bytes
    arrival: Arrival
    record: bool
    hashes: Hashes | None = NO_HASHES


def arrival_of(values: dict[str, Any]) -> Arrival:
    """How the message came in, by the values of ENVELOPE. A path may stand as in SMTP: `<a@example.com>`, or `<>`."""
    recipients = tuple(one.strip(_AROUND_PATH) for one in values["rcpt_to"])
    envelope = Envelope(values["mail_from"].strip(_AROUND_PATH), recipients, values["ip"], values["server_name"])
    known = NO_ENVELOPE if envelope == NO_ENVELOPE else envelope
    return Arrival("http", known, values["helo"], values["queue_id"])


def read_asked(document: Any, pointer: str = "") -> Asked:
    """One message as JSON. Raises InvalidFields, whose pointers begin with `pointer`.

    `message` is a whole message, or its header section, as text; or `headers` are its fields, in order, as objects of
    `name` and `value`. `envelope` has the names of ENVELOPE, `rcpt_to` as an array. `record` is true or false.
    """
    faults: list[Fault] = []
    if not isinstance(document, dict):
        raise InvalidFields([Fault(pointer, "a message must be an object")])
    raw = _read_message(document, pointer, faults)
    values = _read_envelope(document.get("envelope", {}), f"{pointer}/envelope", faults)
    record = document.get("record", False)
    if not isinstance(record, bool):
        faults.append(Fault(f"{pointer}/record", "record must be a boolean"))
    if faults:
        raise InvalidFields(faults)
    is_exact = isinstance(document.get("message"), str) and raw.isascii()  # else octets may have been other ones
    return Asked(raw, arrival_of(values), record, None if is_exact else NO_HASHES)


def read_many(documents: list[Any], pointer: str) -> list[Asked]:
    """Messages as JSON. Raises InvalidFields for all that are wrong, until MANY_FAULTS are found."""
    asked: list[Asked] = []
    faults: list[Fault] = []
    for place, document in enumerate(documents):
        try:
            asked.append(read_asked(document, f"{pointer}/{place}"))
        except InvalidFields as error:
            faults += error.faults
            if len(faults) >= MANY_FAULTS:
                break
    if faults:
        raise InvalidFields(faults)
    return asked


def _read_message(document: dict[str, Any], pointer: str, faults: list[Fault]) -> bytes:
    message, headers = document.get("message"), document.get("headers")
    if (message is None) == (headers is None):
        faults.append(Fault(f"{pointer}/message", "either message or headers must be given"))
    elif headers is not None:
        return _read_headers(headers, f"{pointer}/headers", faults)
    elif isinstance(message, str):
        return message.encode("utf-8", "surrogatepass")
    else:
        faults.append(Fault(f"{pointer}/message", "message must be a string"))
    return b""


def _read_headers(headers: Any, pointer: str, faults: list[Fault]) -> bytes:
    if not isinstance(headers, list) or not 0 < len(headers) <= MAX_FIELDS:
        faults.append(Fault(pointer, f"headers must be an array of 1 to {MAX_FIELDS} objects"))
        return b""
    lines = []
    for place, field in enumerate(headers):
        name, value = (field.get("name"), field.get("value")) if isinstance(field, dict) else (None, None)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            faults.append(Fault(f"{pointer}/{place}/name", "name must be the name of a header field"))
        elif not isinstance(value, str) or _ENDS_FIELD.search(value):
            faults.append(Fault(f"{pointer}/{place}/value", "value must be a string that does not end its field"))
        else:
            lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode("utf-8", "surrogatepass")


def _read_envelope(document: Any, pointer: str, faults: list[Fault]) -> dict[str, Any]:
    values: dict[str, Any] = {one.name: () if one.many else one.default for one in ENVELOPE}
    if not isinstance(document, dict):
        faults.append(Fault(pointer, "envelope must be an object"))
        return values
    for parameter in ENVELOPE:
        name = parameter.name
        if name not in document:
            continue
        value = document[name]
        texts = value if parameter.many else [value]
        if not isinstance(texts, list) or len(texts) > MAX_RECIPIENTS or not all(map(_is_short_text, texts)):
            what = f"an array of at most {MAX_RECIPIENTS} strings" if parameter.many else "a string"
            fault = f"{name} must be {what} of at most {MAX_TEXT} characters, none of them NUL"
            faults.append(Fault(f"{pointer}/{name}", fault))
        elif parameter.is_ip:
            values[name], fault = read_ip(value)
            if fault:
                faults.append(Fault(f"{pointer}/{name}", f"{name} {fault}"))
        else:
            values[name] = tuple(texts) if parameter.many else value
    return values


def _is_short_text(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= MAX_TEXT and "\0" not in text
