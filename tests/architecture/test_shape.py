"""The shape of the source: sizes a reader can hold, a word at the top of each module, annotations that are real."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import modules, places, strikes

FILE_LINES = 400
TEST_FILE_LINES = 500
FUNCTION_LINES = 50


def _long_functions(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LINES:
            yield node


def _deferred_annotations(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            yield node


def test_source_files_are_small() -> None:
    assert [m.path for m in modules() if m.text.count("\n") > FILE_LINES] == []


def test_test_files_are_small() -> None:
    assert [m.path for m in modules("tests") if m.text.count("\n") > TEST_FILE_LINES] == []


def test_functions_are_short() -> None:
    assert places(_long_functions) == []


def test_every_module_says_what_it_is_for() -> None:
    assert [m.path for m in modules() if m.tree.body and not ast.get_docstring(m.tree)] == []


def test_annotations_are_evaluated() -> None:
    """Litestar and Strawberry read annotations at run time; strings in their place fail far from their cause."""
    assert places(_deferred_annotations) == []


@pytest.mark.parametrize("lines", [FUNCTION_LINES - 1, FUNCTION_LINES])
def test_the_function_guard_strikes_above_its_limit(lines: int) -> None:
    snippet = "def f() -> None:\n" + "    x = 1\n" * lines
    assert strikes(_long_functions, snippet) is (lines + 1 > FUNCTION_LINES)


def test_the_annotation_guard_strikes() -> None:
    assert strikes(_deferred_annotations, "from __future__ import annotations")
