"""Money, tariffs, payments and energy are computed exactly: no binary float gets in.

`isinstance(value, float)` is allowed: it is how such a number is refused at the door.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import places, strikes

_EXACT = (
    "app/kit/money.py",
    "app/domain/tariffs",
    "app/domain/pricing",
    "app/domain/charging/metering.py",
    "app/domain/charging/rating.py",
    "app/domain/charging/rating_detail.py",
    "payments",
)
_WAITING = frozenset({"sleep", "wait", "wait_for", "timeout", "Timeout", "ClientTimeout"})


def _is_waiting(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in _WAITING


def _floats(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    spared: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            spared.update(ast.walk(node.args[1]))
        if isinstance(node, ast.Call) and _is_waiting(node):
            spared.update(ast.walk(node))
        if node in spared:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node
        if isinstance(node, ast.Name) and node.id == "float":
            yield node
        if isinstance(node, ast.Attribute) and node.attr in ("REAL", "Float", "Double", "fsum"):
            yield node


def test_money_and_energy_are_exact() -> None:
    assert places(_floats, *_EXACT) == []


@pytest.mark.parametrize("snippet", ["x = 0.1", "x = float(y)", "def f(x: float) -> None: ...", "x: list[float] = []"])
def test_the_guard_strikes(snippet: str) -> None:
    assert strikes(_floats, snippet)


@pytest.mark.parametrize("snippet", ["isinstance(x, float)", "isinstance(x, int | float)", "await_ = sleep(0.5)"])
def test_the_guard_spares_refusals_and_waiting(snippet: str) -> None:
    assert not strikes(_floats, snippet)
