"""No secret reaches the log, neither by its key nor by its shape."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from app.kit.logging import REDACTED, configure_logging, redact


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    """Leave the process's logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "secret",
    [
        "sk_test_abc123",
        "sk_live_abc123",
        "whsec_abc",
        "Basic dXNlcjpwYXNz",
        "Bearer abc.def.ghi",
        "pi_3abc_secret_xyz",
    ],
)
def test_secrets_are_known_by_their_shape(secret: str) -> None:
    assert redact({"note": f"got {secret} here"}) == {"note": f"got {REDACTED} here"}


@pytest.mark.parametrize("key", ["password", "new_password", "access_token", "clientSecret", "idTag", "Authorization"])
def test_secrets_are_known_by_their_key(key: str) -> None:
    assert redact({"outer": [{key: "hunter2"}]}) == {"outer": [{key: REDACTED}]}


def test_a_log_line_carries_none(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", json=True)
    structlog.get_logger("test").info("sign in", password="hunter2", note="Bearer abc.def", driver="d1")
    line = capsys.readouterr().err
    assert "hunter2" not in line
    assert "abc.def" not in line
    assert "d1" in line
