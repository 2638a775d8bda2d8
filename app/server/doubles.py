"""The doubles of Stripe and FCM that stand in where no key is set: processes of their own on loopback, development
only.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from app.kit.settings import Settings

DOUBLE_STRIPE_KEY = "sk_test_voltlane_double"
DOUBLE_WEBHOOK_SECRET = "whsec_voltlane_double"  # noqa: S105  the double's own, public


@dataclass(frozen=True, slots=True)
class Processors:
    """Where card payments and push go: the real services, or the doubles."""

    stripe_key: str
    stripe_api_base: str | None
    webhook_secrets: tuple[str, ...]
    fcm_api_base: str | None


async def open_processors(stack: AsyncExitStack, settings: Settings) -> Processors:
    """Start the doubles that are needed; those this process started end with it."""
    fcm = settings.fcm_api_base
    if fcm is None and settings.firebase_credentials is None:
        fcm = await _start_fcm(stack)
    if settings.stripe_secret_key is not None:
        return Processors(
            stripe_key=settings.stripe_secret_key.get_secret_value(),
            stripe_api_base=settings.stripe_api_base,
            webhook_secrets=tuple(secret.get_secret_value() for secret in settings.stripe_webhook_secrets),
            fcm_api_base=fcm,
        )
    secrets = tuple(secret.get_secret_value() for secret in settings.stripe_webhook_secrets)
    return Processors(
        stripe_key=DOUBLE_STRIPE_KEY,
        stripe_api_base=settings.stripe_api_base or await _start_stripe(stack, settings),
        webhook_secrets=secrets or (DOUBLE_WEBHOOK_SECRET,),
        fcm_api_base=fcm,
    )


async def _start_stripe(stack: AsyncExitStack, settings: Settings) -> str:
    from payments.stripe.double.process import StripeDoubleProcess

    state: Path = settings.data_dir / "stripe-double.sqlite"
    double = StripeDoubleProcess(
        webhook_url=f"http://127.0.0.1:{settings.port}/webhooks/stripe",
        webhook_secret=DOUBLE_WEBHOOK_SECRET,
        state=state,
    )
    url = await asyncio.to_thread(double.start)
    stack.push_async_callback(asyncio.to_thread, double.stop)
    return url


async def _start_fcm(stack: AsyncExitStack) -> str:
    from notifications.fcm.double.process import FcmDoubleProcess

    double = await asyncio.to_thread(FcmDoubleProcess)
    stack.push_async_callback(asyncio.to_thread, double.stop)
    return double.url
