"""The composition root: every port meets its implementation here, once a process, and nowhere else."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from litestar.handlers import ASGIRouteHandler, BaseRouteHandler
from prometheus_client import CollectorRegistry

from app.domain.drivers.one_time_tokens import OneTimeKeys
from app.server.health import create_health_routes
from app.server.jobs import JobDeps, job_handlers, reconcile_rounds
from app.server.metrics import watch_backlog
from app.server.ports import Ports, inbound_deps, open_ports
from app.server.runtime import Runtime, previous_secrets
from app.server.worker import Worker
from notifications.dispatch import DispatchDeps
from notifications.email.account_mail import AccountMailDeps
from notifications.email.factory import email_sender
from notifications.fcm.factory import push_sender
from ocpp_bridge.bridge import Bridge
from ocpp_bridge.endpoint import create_ocpp_route


async def open_worker(stack: AsyncExitStack, runtime: Runtime, ports: Ports) -> Worker:
    """Return the worker with every job's handler."""
    settings, clock = runtime.settings, runtime.clock
    push = push_sender(settings, clock, runtime.processors.fcm_api_base)
    stack.push_async_callback(push.close)
    keys = OneTimeKeys(settings.secret_key.get_secret_value(), previous_secrets(settings))
    deps = JobDeps(
        charging=ports.charging,
        payments=ports.payments,
        dispatch=DispatchDeps(database=runtime.databases.app, push=push, clock=clock),
        mail=AccountMailDeps(
            database=runtime.databases.app,
            sender=email_sender(settings, clock),
            clock=clock,
            raw_token=keys.raw,
            base_url=settings.base_url,
        ),
        frames_kept=timedelta(days=settings.frame_retention_days),
    )
    return Worker(
        database=runtime.databases.app,
        handlers=job_handlers(deps),
        rounds=reconcile_rounds(deps),
        pause=settings.sweep_interval,
    )


@dataclass(frozen=True)
class Served:
    """What a process serves. `drain` finishes and closes the chargers' sockets; call it before the server stops."""

    routes: list[BaseRouteHandler | ASGIRouteHandler]
    drain: Callable[[], Awaitable[None]]


class _Once:
    """Drains once, whoever asks first: the signal, or the end of the process."""

    def __init__(self, drain: Callable[[], Awaitable[None]]) -> None:
        self._drain: Callable[[], Awaitable[None]] | None = drain

    async def drain(self) -> None:
        drain, self._drain = self._drain, None
        if drain is not None:
            await drain()


async def open_roles(
    stack: AsyncExitStack, runtime: Runtime, roles: frozenset[str], registry: CollectorRegistry
) -> Served:
    """Open what the roles need, start what runs in the background, and return what is to be served."""
    bridge = Bridge(runtime.databases.bridge, inbound_deps(runtime), runtime.settings, runtime.clock, node=runtime.node)
    ports = await open_ports(stack, runtime, bridge.gateway)
    routes: list[BaseRouteHandler | ASGIRouteHandler] = [*create_health_routes(runtime.databases.app, registry)]
    if "api" in roles:
        # Only this role pays for importing the API.
        from app.server.api import open_api

        routes += await open_api(stack, runtime, ports)
    await bridge.start()
    sockets = _Once(bridge.drain)
    stack.push_async_callback(sockets.drain)
    if "ocpp" in roles:
        routes.append(create_ocpp_route(bridge))
    if "worker" in roles:
        worker = await open_worker(stack, runtime, ports)
        await worker.start()
        stack.push_async_callback(worker.stop)
    watch_backlog(stack, registry, runtime.databases.app, runtime.databases.bridge)
    return Served(routes, sockets.drain)
