"""Runs the application on uvicorn: one socket, signals that drain it, and a port that is known before anything
starts.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
import uvicorn

from app.kit.errors import ConfigurationError
from app.kit.logging import configure_logging
from app.kit.settings import Settings
from app.server.asgi import open_app
from app.server.runtime import ALL_ROLES

_log = structlog.get_logger(__name__)

MAX_FRAME_BYTES = 1024 * 1024
"""Longer WebSocket messages close the connection with 1009."""

Ready = Callable[[Settings], Coroutine[Any, Any, None]]


class _Refusals(logging.Filter):
    """Leave out what uvicorn logs as an error when a WebSocket is refused before it was accepted, as we do."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "ASGI callable returned without completing handshake" not in record.getMessage()


def bind(settings: Settings) -> tuple[socket.socket, Settings]:
    """Take the port now (0 picks a free one), so that addresses printed and handed on are right.

    Raises ConfigurationError where it cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise ConfigurationError(f"cannot serve on {settings.host}, port {settings.port}: {reason}") from None
    listener.listen(1024)
    listener.setblocking(False)
    return listener, settings.model_copy(update={"port": listener.getsockname()[1]})


async def serve(settings: Settings, roles: frozenset[str] = ALL_ROLES, when_ready: Ready | None = None) -> None:
    """Serve until SIGINT or SIGTERM, or until `when_ready` (the demo's journey) asks the server to end by returning."""
    configure_logging(settings.log_level, json=settings.log_json)
    listener, settings = bind(settings)
    logging.getLogger("uvicorn.error").addFilter(_Refusals())
    async with open_app(settings, roles) as opened:
        server = uvicorn.Server(
            uvicorn.Config(
                opened.app,
                log_config=None,
                access_log=False,
                lifespan="on",
                loop="none",
                ws="websockets-sansio",
                ws_max_size=MAX_FRAME_BYTES,
                ws_ping_interval=30,
                ws_ping_timeout=None,
                timeout_graceful_shutdown=10,
                server_header=False,
            )
        )
        # uvicorn's own `serve` raises the signal again after its shutdown, which would skip ours.
        serving = asyncio.create_task(server._serve(sockets=[listener]))  # noqa: SLF001
        journey = asyncio.create_task(when_ready(settings)) if when_ready else None
        await _until_asked(serving, journey)
        _log.info("draining")
        await opened.drain()
        server.should_exit = True
        await serving
    if journey is not None and not journey.cancelled():
        journey.result()


async def _until_asked(serving: asyncio.Task[None], journey: asyncio.Task[None] | None) -> None:
    """Return when a signal comes, when the server ended by itself, or when the journey is over."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, asked.set)
    signalled = asyncio.create_task(asked.wait())
    tasks: set[asyncio.Task[Any]] = {serving, signalled} | ({journey} if journey else set())
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in (signalled, journey):
        if task is not None and not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
