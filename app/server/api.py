"""The API role: GraphQL for the app and the operators, and the card processor's webhooks."""

from contextlib import AsyncExitStack
from datetime import timedelta

from litestar.handlers import ASGIRouteHandler, BaseRouteHandler

from app.db.live import LiveUpdates
from app.domain.drivers.one_time_tokens import OneTimeKeys
from app.domain.drivers.passwords import Passwords
from app.domain.drivers.tokens import AccessTokens, TokenLifetimes
from app.kit.settings import Settings
from app.server.account_pages import AccountPages, create_account_pages
from app.server.firebase_auth import FirebaseTokenVerifier
from app.server.ports import Ports
from app.server.runtime import Runtime, previous_secrets
from app.server.webhooks import create_webhook_route
from bff.app import create_graphql_routes
from bff.services import Services
from notifications.email.account_mail import QueuedAccountMailer


async def open_api(stack: AsyncExitStack, runtime: Runtime, ports: Ports) -> list[BaseRouteHandler | ASGIRouteHandler]:
    """Open what the API needs and return its routes."""
    services = await _open_services(stack, runtime, ports)
    return [
        *create_graphql_routes(services),
        create_webhook_route(ports.payments, runtime.processors.webhook_secrets),
        *create_account_pages(
            AccountPages(services.database, services.clock, services.passwords, runtime.settings.default_tenant)
        ),
    ]


def _tokens(settings: Settings, runtime: Runtime) -> AccessTokens:
    lifetimes = TokenLifetimes(
        access=timedelta(minutes=settings.access_token_minutes),
        refresh=timedelta(days=settings.refresh_token_days),
        guest=timedelta(hours=settings.guest_token_hours),
    )
    return AccessTokens(settings.secret_key.get_secret_value(), runtime.clock, lifetimes, previous_secrets(settings))


async def _open_services(stack: AsyncExitStack, runtime: Runtime, ports: Ports) -> Services:
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
        one_time_keys=OneTimeKeys(settings.secret_key.get_secret_value(), previous_secrets(settings)),
        mailer=QueuedAccountMailer(),
        firebase=firebase,
    )
