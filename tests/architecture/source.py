"""The project's own source as syntax trees, and the small questions the architecture tests ask of them."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "graphql/bff", "ocpp_bridge", "payments", "notifications", "migrations")


@dataclass(frozen=True)
class Module:
    """One source file."""

    path: str
    text: str
    tree: ast.Module


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Return every Python file of the folders (all packages where none is named), but for frozen migrations."""
    found: list[Module] = []
    for folder in folders or PACKAGES:
        start = ROOT / folder
        files = [start] if start.is_file() else sorted(start.rglob("*.py"))
        for file in files:
            path = file.relative_to(ROOT).as_posix()
            if not path.startswith("migrations/versions/"):
                text = file.read_text(encoding="utf-8")
                found.append(Module(path, text, ast.parse(text, filename=path)))
    return tuple(found)


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a chain of names; the empty string for anything else in the chain is left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


Finder = Callable[[ast.Module], Iterator[ast.expr | ast.stmt]]


def places(find: Finder, *folders: str, allowed: tuple[str, ...] = ()) -> list[str]:
    """Return `path:line` wherever `find` strikes outside the allowed files and folders."""
    return [
        f"{module.path}:{node.lineno}"
        for module in modules(*folders)
        if not module.path.startswith(allowed or ("\0",))
        for node in find(module.tree)
    ]


def strikes(find: Finder, snippet: str) -> bool:
    """Whether a finder strikes in a snippet: proves that a guard can fail at all."""
    return any(True for _ in find(ast.parse(snippet)))
