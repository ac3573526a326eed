"""Batches: the body of `POST …/batch`, read with every fault of every operation named.

Four arrays, all required: deletes, patches, puts, posts, done in that order, all of them or none. What an operation
names is what the single request for it takes, and the id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sosie.api.parameters import UUID
from sosie.registry.errors import Fault, InvalidFields

MAX_OPERATIONS = 1000  # of each array: the wire's own
ARRAYS = ("deletes", "patches", "puts", "posts")


class Readers(NamedTuple):
    """How one operation of each kind is read, the id aside. Each raises InvalidFields."""

    patch: Callable[[Any], Any]
    put: Callable[[Any], Any]
    post: Callable[[Any], Any]


class Operations(NamedTuple):
    """What a batch asks for: ids, or ids and what was read, or what was read."""

    deletes: list[str]
    patches: list[tuple[str, Any]]
    puts: list[tuple[str, Any]]
    posts: list[Any]


def read_batch(document: Any, readers: Readers) -> Operations:
    """Raises InvalidFields, with pointers such as /posts/0/pattern."""
    if not isinstance(document, Mapping):
        raise InvalidFields([Fault("", "the body must be a JSON object")])
    faults: list[Fault] = []
    arrays = {name: _array(document, name, faults) for name in ARRAYS}
    read: dict[str, list[Any]] = {name: [] for name in ARRAYS}
    for name, operations in arrays.items():
        for place, operation in enumerate(operations):
            try:
                read[name].append(_read(name, operation, readers))
            except InvalidFields as error:
                where = f"/{name}/{place}"
                faults.extend(Fault(where + fault.pointer, fault.message) for fault in error.faults)
    if faults:
        raise InvalidFields(faults)
    return Operations(**read)


def read_id(document: Any) -> str:
    """The `id` of an object that holds one. Raises InvalidFields."""
    if not isinstance(document, Mapping):
        raise InvalidFields([Fault("", "must be a JSON object")])
    identifier = document.get("id")
    if type(identifier) is not str or not UUID.fullmatch(identifier):
        raise InvalidFields([Fault("/id", "id must be a UUID" if "id" in document else "id is required")])
    return identifier.lower()


def _array(document: Mapping[str, Any], name: str, faults: list[Fault]) -> list[Any]:
    array = document.get(name)
    if type(array) is not list:
        message = f"{name} must be an array" if name in document else f"{name} is required; it may be an empty array"
    elif len(array) > MAX_OPERATIONS:
        message = f"{name} must hold at most {MAX_OPERATIONS} operations, not {len(array)}"
    else:
        return array
    faults.append(Fault(f"/{name}", message))
    return []


def _read(name: str, operation: Any, readers: Readers) -> Any:
    if name == "posts":
        return readers.post(operation)
    identifier = read_id(operation)
    if name == "deletes":
        return identifier
    named = {key: value for key, value in operation.items() if key != "id"}
    if name == "puts":
        return identifier, readers.put(named)
    return identifier, readers.patch(named) if named else {}  # the id alone changes nothing, and is allowed
