"""The ASGI application: the routes of the process's roles, opened with the lifespan and closed in reverse order."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from litestar import Litestar
from litestar.config.compression import CompressionConfig
from prometheus_client import CollectorRegistry

from app.kit.settings import Settings
from app.server.address import noted_address
from app.server.runtime import ALL_ROLES, Runtime, open_runtime
from app.server.wiring import open_roles

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class OpenApp:
    """The application, and what finishes and closes the chargers' sockets before the server stops."""

    app: Litestar
    drain: Callable[[], Awaitable[None]]


@asynccontextmanager
async def open_app(settings: Settings, roles: frozenset[str] = ALL_ROLES) -> AsyncIterator[OpenApp]:
    """Open the application and everything behind it; leaving closes it: sockets drained, jobs finished, database
    last.
    """
    registry = CollectorRegistry()
    async with AsyncExitStack() as stack:
        runtime = await stack.enter_async_context(open_runtime(settings, roles))
        served = await open_roles(stack, runtime, roles, registry)
        if "ocpp" in roles:
            stack.enter_context(noted_address(settings))
        _log.info("serving", roles=sorted(roles), node=runtime.node, mode=settings.mode.value, **_addresses(runtime))
        app = Litestar(
            route_handlers=served.routes,
            openapi_config=None,
            compression_config=CompressionConfig(backend="gzip", minimum_size=2000),
            debug=False,
            logging_config=None,
        )
        yield OpenApp(app, served.drain)


def _addresses(runtime: Runtime) -> dict[str, str]:
    """Return what a newcomer looks for: the server, and the card double that a test app's payment sheet confirms at."""
    double = runtime.processors.stripe_api_base
    return {"url": runtime.settings.base_url} | ({"stripe_double": double} if double else {})
