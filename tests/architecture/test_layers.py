"""The layers of `[tool.importlinter]` hold, and nothing shadows graphql-core."""

import subprocess
import sys

import graphql
import pytest
from importlinter import cli

from tests.architecture.source import ROOT


def test_the_import_contracts_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    status = cli.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == cli.EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_graphql_is_graphql_core() -> None:
    assert graphql.__file__ is not None
    assert "site-packages" in graphql.__file__
    assert not (ROOT / "graphql" / "__init__.py").exists()


def test_graphql_is_graphql_core_from_the_project_folder() -> None:
    """`python -m` puts the project's folder first on the path: even there the folder `graphql` must not win."""
    code = "import graphql; print(graphql.__file__)"
    output = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "site-packages" in output
