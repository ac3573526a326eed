"""Load sosie and the floor in turn, and compare the CPU that their server processes spend on a request."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass

import orjson

from client import Client, Request, load
from contenders import Contender, settled
from figures import Figure, median_of


@dataclass
class Kind:
    """One kind of request: how often it is sent in a round, over how many connections, and its limit."""

    what: str
    requests: list[Request]
    count: int
    connections: int
    limit: float | None


def registry_path(account_id: str) -> str:
    """The path of the account's registry."""
    return f"/client/v4/accounts/{account_id}/email-security/settings/impersonation_registry"


def kinds(contender: Contender, path: str, headers: dict[str, str]) -> list[Kind]:
    """What is asked for. The gets ask for 1,000 entries in turn; every create has a name and an address of its own."""
    page = Client(contender.port).ask(Request("GET", f"{path}?per_page=1000", headers))
    gets = [Request("GET", f"{path}/{entry['id']}", headers) for entry in orjson.loads(page.body)["result"]]
    creates = [
        Request("POST", path, {**headers, "content-type": "application/json"}, _new_entry(number))
        for number in range(1000)
    ]
    lists = [[Request("GET", f"{path}?per_page={size}", headers)] for size in (20, 1000)]
    return [
        Kind("list, 20 a page", lists[0], 3000, 16, 1.5),
        Kind("list, 1,000 a page", lists[1], 120, 8, 1.2),
        Kind("get", gets, 5000, 16, 1.5),
        Kind("create", creates, 2000, 16, 1.5),
        Kind("get, one connection", gets, 3000, 1, None),
        Kind("create, one connection", creates, 600, 1, None),
    ]


def assert_same_answers(floor: Contender, sosie: Contender, path: str, asked: list[Kind]) -> None:
    """Both answer with the same body, and with headers of the same names and (but for the request's id) lengths."""
    for request in (asked[0].requests[0], asked[1].requests[0], asked[2].requests[5], asked[3].requests[0]):
        theirs, ours = (Client(one.port).ask(request) for one in (floor, sosie))
        lengths = [
            {name: len(value) for name, value in one.headers.items() if name != "x-request-id"}
            for one in (theirs, ours)
        ]
        assert lengths[0] == lengths[1], lengths
        assert abs(len(theirs.headers["x-request-id"]) - len(ours.headers["x-request-id"])) <= 4
        assert theirs.status == ours.status, (path, theirs, ours)
        if request.method == "GET":
            assert theirs.body == ours.body, (theirs.body[:500], ours.body[:500])
        else:
            assert _without_new(theirs.body) == _without_new(ours.body), (theirs.body, ours.body)


def compare(database: str, floor: Contender, sosie: Contender, kind: Kind, rounds: int) -> Figure:
    """The median of the ratios of each round. The first round warms up and does not count."""
    costs: dict[str, list[float]] = {"floor": [], "sosie": []}
    backends: dict[str, list[float]] = {"floor": [], "sosie": []}
    seconds: dict[str, list[float]] = {"floor": [], "sosie": []}
    for turn in range(rounds + 1):
        for one in (floor, sosie) if turn % 2 else (sosie, floor):
            before = settled(one.cost)
            loaded = load(one.port, kind.requests, kind.count, kind.connections)
            spent = settled(one.cost).since(before)
            assert set(loaded.statuses) <= {200, 201}, loaded.statuses
            costs[one.name].append(spent.server / kind.count * 1e6)
            backends[one.name].append(spent.backends / kind.count * 1e6)
            seconds[one.name].append(statistics.median(loaded.latencies))
    ratios = [ours / theirs for theirs, ours in zip(costs["floor"], costs["sosie"], strict=True)][1:]
    value, spread = median_of(ratios)
    more = {"p50": "{:.2f} / {:.2f} ms".format(*(statistics.median(seconds[name][1:]) * 1e3 for name in costs))}
    if sosie.postgresql:
        more["backends"] = "{:.0f} / {:.0f} µs".format(*(statistics.median(backends[name][1:]) for name in costs))
    middle = {name: statistics.median(itertools.islice(values, 1, None)) for name, values in costs.items()}
    return Figure("load", database, kind.what, value, "×", kind.limit, spread, middle["floor"], middle["sosie"], more)


def _new_entry(number: int) -> bytes:
    entry = {"name": f"Jane Roe {number}", "email": f"jane.roe{number}@example.com", "is_email_regex": False}
    return orjson.dumps({**entry, "comments": "made by the benchmark"})


def _without_new(body: bytes) -> dict:
    document = orjson.loads(body)
    for name in ("id", "created_at", "modified_at", "last_modified"):
        document["result"].pop(name)
    return document
