"""The server and its doubles as real processes, for tests that kill them.

The doubles belong to the test, so they outlive a server that is killed; the data folder is shared by every start.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from notifications.fcm.double.process import FcmDoubleProcess
from payments.stripe.double.process import StripeDoubleProcess

WEBHOOK_SECRET = "whsec_voltlane_double"
_START_SECONDS = 60


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class ServerProcess:
    """`voltlane up` on a port and data folder that stay the same over restarts."""

    data_dir: Path
    stripe: StripeDoubleProcess
    fcm: FcmDoubleProcess
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ocpp_url(self) -> str:
        """Where chargers of the default brand connect."""
        return f"ws://127.0.0.1:{self.port}/ocpp/default"

    @property
    def log(self) -> Path:
        """What the server wrote, over all its starts."""
        return self.data_dir / f"server-{self.port}.log"

    def start(self) -> None:
        """Start and wait until it is ready."""
        environment = {
            **os.environ,
            "VOLTLANE_STRIPE_API_BASE": self.stripe.url,
            "VOLTLANE_STRIPE_WEBHOOK_SECRETS": WEBHOOK_SECRET,
            "VOLTLANE_FCM_API_BASE": self.fcm.url,
            "VOLTLANE_SWEEP_SECONDS": "1",
            "VOLTLANE_LOG_JSON": "true",
            **self.settings,
        }
        command = [sys.executable, "-m", "app.server.cli", "up", "--port", str(self.port)]
        command += ["--data-dir", str(self.data_dir)]
        for role in self.roles:
            command += ["--role", role]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self._wait_until_ready()

    def kill(self) -> None:
        """SIGKILL: no shutdown of any kind."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=40)
        self.process = None
        return code

    def close(self) -> None:
        """End whatever still runs, the embedded database included."""
        if self.process is not None:
            self.stop()

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.tail()}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise RuntimeError(f"the server was not ready in time:\n{self.tail()}")

    def tail(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(errors="replace")[-4000:]
