"""`voltlane --help` stays quick: the command line's module imports none of the heavy packages."""

import json
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points

from tests.architecture.source import ROOT

_HEAVY = ("litestar", "strawberry", "sqlalchemy", "stripe", "firebase_admin", "ocpp", "pgqueuer", "asyncpg", "alembic")
_CODE = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def _loaded(module: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", _CODE, module], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_command_line_starts_without_the_heavy_packages() -> None:
    (script,) = entry_points(group="console_scripts", name="voltlane")
    assert _loaded(script.module) & set(_HEAVY) == set()


def test_the_guard_strikes() -> None:
    assert "sqlalchemy" in _loaded("app.db.uow")


def test_the_script_is_the_declared_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (script,) = entry_points(group="console_scripts", name="voltlane")
    assert project["scripts"] == {"voltlane": script.value}
