"""What may be done in one place only: commit, read the environment, read the wall clock."""

import ast
from collections.abc import Iterator
from typing import TypeGuard

import pytest

from tests.architecture.source import dotted, places, strikes

_ENVIRONMENT_NAMES = frozenset({"environ", "environb", "getenv", "putenv", "unsetenv"})
_ENVIRONMENT = frozenset(f"os.{name}" for name in _ENVIRONMENT_NAMES)
_WALL_CLOCK = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns")


def _imports(node: ast.AST, module: str, names: frozenset[str]) -> TypeGuard[ast.ImportFrom]:
    return isinstance(node, ast.ImportFrom) and node.module == module and any(a.name in names for a in node.names)


def _commits(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            yield node


def _environment(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and dotted(node) in _ENVIRONMENT:
            yield node
        if _imports(node, "os", _ENVIRONMENT_NAMES):
            yield node


def _wall_clock(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ".".join(dotted(node).split(".")[-2:]) in _WALL_CLOCK:
            yield node
        if _imports(node, "time", frozenset({"time", "time_ns"})):
            yield node


def test_only_the_unit_of_work_commits() -> None:
    assert places(_commits, allowed=("app/db/uow.py", "migrations/runner.py")) == []


def test_only_the_settings_read_the_environment() -> None:
    assert places(_environment, allowed=("app/kit/settings.py",)) == []


def test_only_the_clock_reads_the_wall_clock() -> None:
    assert places(_wall_clock, allowed=("app/kit/clock.py",)) == []


@pytest.mark.parametrize("snippet", ["session.commit()", "await (await uow.session).commit()", "f = connection.commit"])
def test_the_commit_guard_strikes(snippet: str) -> None:
    assert strikes(_commits, f"async def f():\n    {snippet}")


@pytest.mark.parametrize("snippet", ["os.environ['A']", "os.getenv('A')", "from os import environ"])
def test_the_environment_guard_strikes(snippet: str) -> None:
    assert strikes(_environment, snippet)


@pytest.mark.parametrize(
    "snippet",
    ["datetime.now(UTC)", "datetime.datetime.now()", "datetime.utcnow()", "time.time()", "from time import time"],
)
def test_the_clock_guard_strikes(snippet: str) -> None:
    assert strikes(_wall_clock, snippet)


@pytest.mark.parametrize("snippet", ["clock.now()", "deps.clock.now()", "time.monotonic()", "time.perf_counter()"])
def test_the_clock_guard_spares_clocks_and_durations(snippet: str) -> None:
    assert not strikes(_wall_clock, snippet)
