"""Facts that are worked out at their first use and kept, like functools.cached_property, but for its lock.

Python 3.11 takes a lock there, which costs as much as most facts do: a judgement would take a tenth longer. (From 3.12
on there is none, for the same reason: python/cpython#87634.) Without it two threads may both work a fact out; they find
the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class fact(Generic[T]):  # noqa: N801 - used as a decorator, as property is
    """Decorates a method without parameters."""

    def __init__(self, read: Callable[[Any], T]) -> None:
        self._read = read
        self._name = read.__name__
        self.__doc__ = read.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> fact[T]: ...

    @overload
    def __get__(self, owner: object, kind: type) -> T: ...

    def __get__(self, owner: object | None, kind: type) -> T | fact[T]:
        if owner is None:
            return self
        value = self._read(owner)
        owner.__dict__[self._name] = value  # found before this descriptor from now on
        return value
