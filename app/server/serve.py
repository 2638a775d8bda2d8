"""Runs the application on uvicorn: one socket, signals that drain it, and a port that is known before anything
starts.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import uvicorn

from app.kit.logging import configure_logging
from app.kit.settings import Settings
from app.server.asgi import open_app
from app.server.runtime import ALL_ROLES

MAX_FRAME_BYTES = 1024 * 1024
"""Longer WebSocket messages close the connection with 1009."""

Ready = Callable[[Settings], Coroutine[Any, Any, None]]


class _Refusals(logging.Filter):
    """Leave out what uvicorn logs as an error when a WebSocket is refused before it was accepted, as we do."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "ASGI callable returned without completing handshake" not in record.getMessage()


def bind(settings: Settings) -> tuple[socket.socket, Settings]:
    """Take the port now (0 picks a free one), so that addresses printed and handed on are right."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((settings.host, settings.port))
    listener.listen(1024)
    listener.setblocking(False)
    return listener, settings.model_copy(update={"port": listener.getsockname()[1]})


async def serve(settings: Settings, roles: frozenset[str] = ALL_ROLES, when_ready: Ready | None = None) -> None:
    """Serve until SIGINT or SIGTERM, or until `when_ready` (the demo's journey) asks the server to end by returning."""
    configure_logging(settings.log_level, json=settings.log_json)
    listener, settings = bind(settings)
    logging.getLogger("uvicorn.error").addFilter(_Refusals())
    async with open_app(settings, roles) as app:
        server = uvicorn.Server(
            uvicorn.Config(
                app,
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
        await _run(server, listener, settings, when_ready)


async def _run(server: uvicorn.Server, listener: socket.socket, settings: Settings, when_ready: Ready | None) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, lambda: setattr(server, "should_exit", True))
    # uvicorn's own `serve` re-raises the signal after its shutdown, which would skip ours.
    serving = asyncio.create_task(server._serve(sockets=[listener]))  # noqa: SLF001
    if when_ready is not None:
        journey = asyncio.create_task(when_ready(settings))
        await asyncio.wait({serving, journey}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        if not journey.done():
            journey.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await journey
    else:
        await serving
