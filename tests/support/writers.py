"""Clients that write without pause, ask again where they got no answer, and know what must stand in the registry."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from typing import Any

from support.wire import AWAY_STATUSES, GONE, Reply, Wire

PER_PAGE = 1000


def registry_of(account_id: str) -> str:
    """The path of an account's registry, after /client/v4."""
    return f"/accounts/{account_id}/email-security/settings/impersonation_registry"


class Writer:
    """One client: creates, edits and deletes entries of its own, one request after the other."""

    def __init__(self, port: int, token: str, account_id: str, name: str) -> None:
        self.wire = Wire(port, token)
        self.path = registry_of(account_id)
        self.name = name
        self.expected: dict[str, dict[str, Any]] = {}  # what is acknowledged: id -> entry
        self.keys: list[str] = []
        self.acknowledged = 0
        self.unanswered = 0
        self._chance = random.Random(name)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; the request under way is still brought to its end."""
        while not stop.is_set():
            kind = self._chance.random()
            if kind < 0.6 or not self.expected:
                await self.create()
            elif kind < 0.85:
                await self.edit(self._chance.choice(list(self.expected)))
            else:
                await self.delete(self._chance.choice(list(self.expected)))
        self.wire.close()

    async def create(self) -> None:
        key = f"{self.name}-{len(self.keys)}"
        self.keys.append(key)
        document = {"name": key, "email": f"{key}@example.com", "is_email_regex": False}
        if self._chance.random() < 0.3:
            document["provenance"] = "SNOOPY-OFFICE_365"
        reply, _ = await self._insist("POST", self.path, document, Idempotency_Key=key)
        assert reply.status == 201, reply
        entry = reply.result
        assert entry["name"] == key
        assert entry["id"] not in self.expected
        self.expected[entry["id"]] = entry

    async def edit(self, identifier: str) -> None:
        if self.expected[identifier]["provenance"] != "A1S_INTERNAL":
            return  # it belongs to a directory
        comments = f"edit {self._chance.randrange(10**9)}"
        reply, _ = await self._insist("PATCH", f"{self.path}/{identifier}", {"comments": comments})
        assert reply.status == 200, reply
        assert reply.result["comments"] == comments
        self.expected[identifier] = reply.result

    async def delete(self, identifier: str) -> None:
        reply, in_doubt = await self._insist("DELETE", f"{self.path}/{identifier}")
        assert reply.status == 200 or (in_doubt and reply.status == 404), reply
        del self.expected[identifier]

    async def _insist(self, method: str, path: str, document: Any = None, **headers: str) -> tuple[Reply, bool]:
        """The answer, and whether an earlier try may have been done."""
        in_doubt = False
        while True:
            try:
                reply = await self.wire.ask(method, path, document, **headers)
            except GONE:
                self.unanswered += 1
                in_doubt = True
                await asyncio.sleep(0.01)
                continue
            if reply.status in AWAY_STATUSES:
                in_doubt = True
                await asyncio.sleep(0.02)
                continue
            self.acknowledged += 1
            return reply, in_doubt


async def read_registry(wire: Wire, path: str, **query: str) -> tuple[dict[str, dict[str, Any]], int]:
    """Everything that the API lists, by id, and its total_count."""
    listed: dict[str, dict[str, Any]] = {}
    page = 1
    more = "".join(f"&{name}={value}" for name, value in query.items())
    while True:
        reply = await wire.until_answered("GET", f"{path}?per_page={PER_PAGE}&page={page}{more}")
        assert reply.status == 200, reply
        if not reply.result:
            return listed, reply.json["result_info"]["total_count"]
        for entry in reply.result:
            assert entry["id"] not in listed, "listed twice"
            listed[entry["id"]] = entry
        page += 1


def all_expected(writers: Iterable[Writer]) -> dict[str, dict[str, Any]]:
    """What must stand in the registry, exactly."""
    return {identifier: entry for writer in writers for identifier, entry in writer.expected.items()}
