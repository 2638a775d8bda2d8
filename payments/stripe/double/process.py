"""Starts and stops the double as a child process.

The server starts it bound to its own life; a test that kills the server starts it itself and hands over the URL.
After `stop` there is neither a process nor a zombie.
"""

import selectors
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from app.kit.errors import VoltlaneError

_START_TIMEOUT_S = 20
_STOP_TIMEOUT_S = 5


class StripeDoubleStartError(VoltlaneError):
    """The double did not become ready."""


@dataclass
class StripeDoubleProcess:
    """One double; settings are fixed before `start`, `url` holds after it."""

    webhook_url: str | None = None
    webhook_secret: str | None = None
    state: Path | None = None
    exit_with_parent: bool = True
    url: str = ""
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self, port: int = 0) -> str:
        """Start the double on a loopback port (0: a free one), wait until it answers and return its URL.

        Blocks for about a second. Raises StripeDoubleStartError if it exits or stays silent.
        """
        if self._process is not None:
            raise StripeDoubleStartError("the double is already running")
        self._process = subprocess.Popen(  # noqa: S603 - our own module with our own arguments
            self._command(port),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C is for the server: the double must still answer while the server shuts down.
            start_new_session=True,
        )
        line = self._first_line(self._process)
        if not line.startswith("ready http://127.0.0.1:"):
            self.kill()
            raise StripeDoubleStartError(f"the Stripe double did not start on port {port}")
        self.url = line.removeprefix("ready ").strip()
        return self.url

    def stop(self) -> None:
        """Ask it to end, wait, and end it if it does not; does nothing if it is not running."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reap()

    def kill(self) -> None:
        """End it without warning (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _reap(self) -> None:
        assert self._process is not None
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process = None

    def _command(self, port: int) -> list[str]:
        command = [sys.executable, "-m", "payments.stripe.double", "--port", str(port)]
        if self.webhook_url:
            command += ["--webhook-url", self.webhook_url]
        if self.webhook_secret:
            command += ["--webhook-secret", self.webhook_secret]
        if self.state:
            command += ["--state", str(self.state)]
        if self.exit_with_parent:
            command.append("--exit-with-parent")
        return command

    @staticmethod
    def _first_line(process: "subprocess.Popen[bytes]") -> str:
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            return process.stdout.readline().decode() if selector.select(_START_TIMEOUT_S) else ""
