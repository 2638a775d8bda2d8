"""The composition root: every port meets its implementation here, once a process, and nowhere else."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from bff.app import create_graphql_routes
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler
from ocpp_bridge.bridge import Bridge
from ocpp_bridge.endpoint import create_ocpp_route
from prometheus_client import CollectorRegistry

from app.db.live import LiveUpdates
from app.domain.charging.deps import Charging
from app.domain.charging.inbound import Inbound
from app.domain.charging.settings import ChargingSettings
from app.domain.drivers.one_time_tokens import OneTimeKeys
from app.domain.drivers.passwords import Passwords
from app.domain.drivers.tokens import AccessTokens, TokenLifetimes
from app.kit.settings import Settings
from app.server.firebase_auth import FirebaseTokenVerifier
from app.server.health import create_health_routes
from app.server.jobs import JobDeps, job_handlers, reconcile_rounds
from app.server.metrics import watch_backlog
from app.server.runtime import Runtime
from app.server.webhooks import create_webhook_route
from app.server.worker import Worker
from bff.services import Services
from notifications.dispatch import DispatchDeps
from notifications.email.account_mail import AccountMailDeps, QueuedAccountMailer
from notifications.email.factory import email_sender
from notifications.fcm.factory import push_sender
from notifications.queue import QueuedNotifier
from payments.deps import PaymentDeps
from payments.holds import SessionPayments
from payments.standing import StoredStanding
from payments.stripe.client import StripeGateway


@dataclass(frozen=True)
class Ports:
    """The use cases' dependencies, whatever roles the process has."""

    charging: Charging
    payments: PaymentDeps
    inbound: Inbound


async def open_ports(stack: AsyncExitStack, runtime: Runtime, bridge: Bridge) -> Ports:
    """Bind the domain's ports to Stripe, the bridge and the notification queue."""
    processors, clock = runtime.processors, runtime.clock
    stripe = await stack.enter_async_context(StripeGateway(processors.stripe_key, api_base=processors.stripe_api_base))
    payments = PaymentDeps(database=runtime.databases.app, gateway=stripe, clock=clock)
    charging = Charging(
        database=runtime.databases.app,
        clock=clock,
        payments=SessionPayments(payments),
        gateway=bridge.gateway,
        notifier=QueuedNotifier(clock),
        settings=ChargingSettings.of(runtime.settings),
    )
    return Ports(charging=charging, payments=payments, inbound=inbound_deps(runtime))


def inbound_deps(runtime: Runtime) -> Inbound:
    """Return what the handlers of chargers' reports need."""
    return Inbound(
        clock=runtime.clock,
        notifier=QueuedNotifier(runtime.clock),
        standing=StoredStanding(),
        settings=ChargingSettings.of(runtime.settings),
    )


def _tokens(settings: Settings, runtime: Runtime) -> AccessTokens:
    lifetimes = TokenLifetimes(
        access=timedelta(minutes=settings.access_token_minutes),
        refresh=timedelta(days=settings.refresh_token_days),
        guest=timedelta(hours=settings.guest_token_hours),
    )
    return AccessTokens(settings.secret_key.get_secret_value(), runtime.clock, lifetimes, _previous_secrets(settings))


def _previous_secrets(settings: Settings) -> tuple[str, ...]:
    """Return the secret that still verifies while the present one replaces it."""
    previous = settings.previous_secret_key
    return (previous.get_secret_value(),) if previous else ()


async def open_services(stack: AsyncExitStack, runtime: Runtime, ports: Ports) -> Services:
    """Return what the API's resolvers work with."""
    settings = runtime.settings
    live = LiveUpdates(runtime.databases.app.engine)
    await live.start()
    stack.push_async_callback(live.stop)
    firebase = None
    if settings.firebase_project is not None:
        firebase = FirebaseTokenVerifier(settings.firebase_project, runtime.clock)
        stack.callback(firebase.close)
    return Services(
        settings=settings,
        database=runtime.databases.app,
        clock=runtime.clock,
        live=live,
        charging=ports.charging,
        payments=ports.payments,
        tokens=_tokens(settings, runtime),
        passwords=Passwords(),
        one_time_keys=OneTimeKeys(settings.secret_key.get_secret_value(), _previous_secrets(settings)),
        mailer=QueuedAccountMailer(),
        firebase=firebase,
    )


async def open_worker(stack: AsyncExitStack, runtime: Runtime, ports: Ports) -> Worker:
    """Return the worker with every job's handler."""
    settings, clock = runtime.settings, runtime.clock
    push = push_sender(settings, clock, runtime.processors.fcm_api_base)
    stack.push_async_callback(push.close)
    keys = OneTimeKeys(settings.secret_key.get_secret_value(), _previous_secrets(settings))
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
    )
    return Worker(
        database=runtime.databases.app,
        handlers=job_handlers(deps),
        rounds=reconcile_rounds(deps),
        pause=settings.sweep_interval,
    )


async def open_roles(
    stack: AsyncExitStack, runtime: Runtime, roles: frozenset[str], registry: CollectorRegistry
) -> list[BaseRouteHandler | ASGIRouteHandler]:
    """Open what the roles need, start what runs in the background, and return the routes to serve."""
    bridge = Bridge(
        runtime.databases.bridge, inbound_deps(runtime), runtime.settings, runtime.clock, node=runtime.node
    )
    ports = await open_ports(stack, runtime, bridge)
    routes: list[BaseRouteHandler | ASGIRouteHandler] = [*create_health_routes(runtime.databases.app, registry)]
    if "api" in roles:
        services = await open_services(stack, runtime, ports)
        routes += create_graphql_routes(services)
        routes.append(create_webhook_route(ports.payments, runtime.processors.webhook_secrets))
    await bridge.start()
    stack.push_async_callback(bridge.drain)
    if "ocpp" in roles:
        routes.append(create_ocpp_route(bridge))
    if "worker" in roles:
        worker = await open_worker(stack, runtime, ports)
        await worker.start()
        stack.push_async_callback(worker.stop)
    watch_backlog(stack, registry, runtime.databases.app, runtime.databases.bridge)
    return routes
