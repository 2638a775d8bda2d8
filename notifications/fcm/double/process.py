"""Starts and stops the FCM double as a child process, for `voltlane up`, the demo and the tests.

The child never outlives its parent: it ends when the pipe to its stdin breaks, however the parent died.
"""

import json
import subprocess
import sys
from types import TracebackType
from typing import Self

_STOP_SECONDS = 5


class DoubleDidNotStartError(RuntimeError):
    """The double's process ended before it listened."""


class FcmDoubleProcess:
    """A running double at `url`. Blocking: on an event loop start and stop it through `asyncio.to_thread`."""

    def __init__(self, port: int = 0) -> None:
        """Start a double on a loopback port, 0 for a free one; it listens when this returns.

        Raises DoubleDidNotStartError, for example where the port is taken.
        """
        command = [
            sys.executable,
            "-m",
            "notifications.fcm.double",
            "--port",
            str(port),
            "--exit-with-parent",
        ]
        self._process = subprocess.Popen(  # noqa: S603 - our own module and a number
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the parent, which still sends what it has to
        )
        assert self._process.stdout is not None
        announcement = self._process.stdout.readline()
        if not announcement:
            self.stop()
            raise DoubleDidNotStartError(f"the FCM double ended with code {self._process.returncode}")
        self.url: str = json.loads(announcement)["url"]

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def stop(self) -> None:
        """End the process and wait for it; a second call does nothing."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
