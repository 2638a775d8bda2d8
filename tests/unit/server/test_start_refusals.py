"""What keeps a server from starting is told in one line that names the port or the folder."""

import socket
from pathlib import Path

import pytest

from app.db.embedded import start_embedded
from app.kit.errors import ConfigurationError
from app.kit.settings import load_settings
from app.server.address import charger_address, noted_address
from app.server.cli.simulate import run_simulate
from app.server.serve import bind


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"127.0.0.1, port {port}: Address already in use"):
            bind(load_settings(port=port))


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(ConfigurationError, match=f"VOLTLANE_DATA_DIR: cannot write to {blocker}/data"):
        start_embedded(blocker / "data")


def test_every_reason_against_production_is_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTLANE_MODE", "production")
    with pytest.raises(ConfigurationError) as refusal:
        load_settings()
    lines = str(refusal.value).splitlines()
    assert "  DATABASE_URL: missing; the embedded database is for development" in lines
    assert "Value error" not in str(refusal.value)


def test_an_address_that_is_no_websocket_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="ws://"):
        run_simulate("http://127.0.0.1", 1, "1.6", "SIM", None, connectors=1, max_power_w=1, speed=1)


def test_chargers_are_told_where_the_server_listens(tmp_path: Path) -> None:
    beside = load_settings(data_dir=tmp_path)
    with noted_address(load_settings(data_dir=tmp_path, port=9123)):
        assert charger_address(beside) == "http://127.0.0.1:9123"
        public = load_settings(data_dir=tmp_path, public_url="https://cs.example.org")
        assert charger_address(public) == "https://cs.example.org"
    assert charger_address(beside) == "http://127.0.0.1:8080"
    assert list(tmp_path.iterdir()) == []
