"""Rows that many tests look at, made once.

`@shared` stands in place of `@pytest.fixture` over a function that does nothing but make rows: out of nothing, or out of the shared
fixtures that its parameters name. The first test that asks has them made; they stay, in a transaction that never commits, while the
tests that follow ask for them too. Every test works inside a savepoint of its own, which is rolled back, and on its own copies of
the objects. A test that does not ask for them does not find them, in whatever order the tests run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from inspect import Signature, signature
from typing import Any

import pytest
from django.db import connection, transaction

Build = Callable[..., Any]


def shared(build: Build) -> Any:
    """A fixture whose rows are made once for the tests in a row that ask for it."""

    def fixture(db: None, rows_made: dict[Build, Any], **made_of: Any) -> Any:
        return rows_made[build]

    *always, _made_of = signature(fixture).parameters.values()
    fixture.__signature__ = Signature([*always, *signature(build).parameters.values()])  # type: ignore[attr-defined]  # by it pytest finds what it is made of
    fixture.__doc__, fixture.build = build.__doc__, build  # type: ignore[attr-defined]
    return pytest.fixture(fixture, name=build.__name__)


def asked_by(item: Any) -> list[Build]:
    """The shared fixtures that a test asks for, each after those that it is made of; the common ones before those of its file."""
    found: dict[Build, None] = {}

    def add(name: str) -> None:
        build = _build_of(item, name)
        if build and build not in found:
            for made_of in signature(build).parameters:
                add(made_of)
            found[build] = None

    for name in sorted(item.fixturenames):
        add(name)
    return sorted(found, key=lambda build: not is_common(build))


def is_common(build: Build) -> bool:
    """Whether it is one of tests/worlds.py, which stand on nothing of a file's own."""
    return build.__module__ == "tests.worlds"


def _build_of(item: Any, name: str) -> Build | None:
    definitions = item._fixtureinfo.name2fixturedefs.get(name)
    return getattr(definitions[-1].func, "build", None) if definitions else None


@dataclass(frozen=True)
class Made:
    build: Build
    value: Any
    transaction: transaction.Atomic


class Rows:
    """What is there now, one savepoint on top of another."""

    def __init__(self) -> None:
        self._made: list[Made] = []

    def only(self, wanted: list[Build]) -> dict[Build, Any]:
        """Have these there and no others. Copies of what they returned, which keep to each other as the originals do."""
        self._unmake(_how_many_agree(wanted, [one.build for one in self._made]))
        for build in wanted[len(self._made) :]:
            self._make(build)
        return deepcopy({one.build: one.value for one in self._made})

    def none(self) -> None:
        self._unmake(0)

    def _make(self, build: Build) -> None:
        made_of = {one.build.__name__: deepcopy(one.value) for one in self._made}
        block = transaction.atomic()
        block._from_testcase = True  # an action whose transaction is durable may run in it, as in pytest-django's own
        block.__enter__()
        self._made.append(Made(build, None, block))
        try:
            value = build(**{name: made_of[name] for name in signature(build).parameters})
            connection.check_constraints()  # what is deferred is looked at now, not at the end of every test
        except BaseException:
            self._unmake(len(self._made) - 1)
            raise
        self._made[-1] = Made(build, value, block)

    def _unmake(self, left: int) -> None:
        while len(self._made) > left:
            transaction.set_rollback(True)
            self._made.pop().transaction.__exit__(None, None, None)


def _how_many_agree(one: list[Build], other: list[Build]) -> int:
    pairs: Iterator[tuple[Build, Build]] = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a is not b), min(len(one), len(other)))


ROWS = Rows()
