"""`voltlane demo --once` as a newcomer runs it: a process of its own, real sockets, and no process left behind."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import psutil
import pytest
from pypdf import PdfReader

from tests.folders import database_root

_TIMEOUT_S = 240
_POLL_S = 0.2
_ENDED_WITHIN_S = 10.0
_COMMAND = (sys.executable, "-m", "app.server.cli", "demo", "--once", "--port", "0", "--speed", "20")
_MONEY = (
    "receipt",
    "paid, as the app shows it",
    "ledger: received by the processor",
    "captured by the card processor",
    "station's meter × tariff",
    "stored readings rated again",
)
_ENERGY = ("energy: station's meter", "energy: session", "energy: receipt")


class _Family:
    """All processes seen below a process, and the database's, which detaches itself."""

    def __init__(self, root: int, data_dir: Path) -> None:
        self._root = psutil.Process(root)
        self._pid_file = data_dir / "postgres" / "postmaster.pid"
        self.seen: set[psutil.Process] = {self._root}
        self.commands: set[str] = set()
        self.database: psutil.Process | None = None

    def look(self) -> None:
        """Note who lives now."""
        try:
            for process in self._root.children(recursive=True):
                self.seen.add(process)
                self.commands.add(" ".join(process.cmdline()))
            self.database = self.database or psutil.Process(int(self._pid_file.read_text().split()[0]))
            self.seen.add(self.database)
        except (psutil.Error, OSError, ValueError, IndexError):
            return  # somebody ended, or the database has not begun

    def living(self) -> list[psutil.Process]:
        """Return those still running; a process id given to somebody else does not count."""
        return [p for p in self.seen if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return condition()


def _row(output: str, name: str) -> list[str]:
    """Return a table row's cells after its name."""
    found = re.search(rf"^│ {re.escape(name)} +│(.+)│$", output, re.MULTILINE)
    assert found is not None, f"no row {name!r} in the output:\n{output}"
    return [cell.strip() for cell in found[1].split("│")]


def _run(data_dir: Path, log: Path) -> tuple[int, _Family, str]:
    with log.open("w") as stdout:
        process = subprocess.Popen([*_COMMAND, "--data-dir", str(data_dir)], stdout=stdout, stderr=subprocess.STDOUT)
        family = _Family(process.pid, data_dir)

        def ended() -> bool:
            family.look()
            return process.poll() is not None

        try:
            assert _wait(ended, _TIMEOUT_S), f"the demo did not end in time:\n{log.read_text()}"
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)
    return process.returncode, family, log.read_text(encoding="utf-8")


@pytest.mark.timeout(_TIMEOUT_S + 60)
def test_once_plays_a_charge_on_each_version_and_every_figure_agrees(tmp_path: Path) -> None:
    # A short path: the database's Unix socket lies in the folder, and its name may have some hundred letters.
    with tempfile.TemporaryDirectory(
        prefix="voltlane-demo-", dir=database_root(), ignore_cleanup_errors=True
    ) as folder:
        data_dir = Path(folder) / "data"
        code, family, output = _run(data_dir, tmp_path / "demo.log")
        assert code == 0, output
        _check_figures(data_dir, output)
        _check_processes(family)


def _check_figures(data_dir: Path, output: str) -> None:

    charged = [_row(output, name) for name in _MONEY]
    assert all(row == charged[0] for row in charged)
    assert len(charged[0]) == 2
    assert all(Decimal(cell.removesuffix(" EUR")) >= Decimal("0.50") for cell in charged[0])
    assert _row(output, "ledger: left to pay") == ["0.00 EUR", "0.00 EUR"]
    metered = [_row(output, name) for name in _ENERGY]
    assert all(row == metered[0] for row in metered)
    assert _row(output, "verdict") == ["agree", "agree"]
    for version in ("OCPP 1.6", "OCPP 2.0.1"):
        assert re.search(rf"A charge at DEMO\S+, {re.escape(version)} ", output)
    _check_receipts(data_dir, charged[0], metered[0])


def _check_processes(family: _Family) -> None:
    assert any("app.server.demo.stations" in command for command in family.commands)
    assert any("payments.stripe.double" in command for command in family.commands)
    assert family.database is not None
    assert _wait(lambda: not family.living(), _ENDED_WITHIN_S), f"still running: {family.living()}"


def _check_receipts(data_dir: Path, amounts: list[str], energies: list[str]) -> None:
    """The PDFs that the driver fetched say the same."""
    documents = sorted((data_dir / "receipts").glob("*.pdf"))
    assert len(documents) == 2
    for document, amount, energy in zip(documents, amounts, energies, strict=True):
        text = "".join(page.extract_text() for page in PdfReader(document).pages)
        figure = amount.removesuffix(" EUR")
        assert figure in text or figure.replace(".", ",") in text, text
        assert energy.removesuffix(" Wh")[-3:] in text, text
