"""The doubles of Stripe and FCM that stand in where no key is set: own processes on loopback, development only.

The process with the API role starts them and notes their addresses in the data folder; processes with other roles on
the same data folder use those, for there must be one card processor. They end with the process that started them.
"""

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.kit.errors import ConfigurationError
from app.kit.settings import Settings

DOUBLE_STRIPE_KEY = "sk_test_voltlane_double"
DOUBLE_WEBHOOK_SECRET = "whsec_voltlane_double"  # noqa: S105  the double's own, public
_WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Processors:
    """Where card payments and push go: the real services, or the doubles."""

    stripe_key: str
    stripe_api_base: str | None
    webhook_secrets: tuple[str, ...]
    fcm_api_base: str | None


async def open_processors(stack: AsyncExitStack, settings: Settings, *, starts_doubles: bool) -> Processors:
    """Return where payments and push go; `starts_doubles` tells whether this process may start what is missing.

    Raises ConfigurationError where a double is needed that no process has started.
    """
    doubles = _Doubles(stack, settings, starts=starts_doubles)
    fcm = settings.fcm_api_base
    if fcm is None and settings.firebase_credentials is None:
        fcm = await doubles.fcm()
    secrets = tuple(secret.get_secret_value() for secret in settings.stripe_webhook_secrets)
    if settings.stripe_secret_key is not None:
        return Processors(settings.stripe_secret_key.get_secret_value(), settings.stripe_api_base, secrets, fcm)
    return Processors(
        stripe_key=DOUBLE_STRIPE_KEY,
        stripe_api_base=settings.stripe_api_base or await doubles.stripe(),
        webhook_secrets=secrets or (DOUBLE_WEBHOOK_SECRET,),
        fcm_api_base=fcm,
    )


class _Doubles:
    """Starts the doubles, or finds those that another process of the data folder has started."""

    def __init__(self, stack: AsyncExitStack, settings: Settings, *, starts: bool) -> None:
        self._stack = stack
        self._settings = settings
        self._starts = starts

    async def stripe(self) -> str:
        """Return the address of the Stripe double."""
        if not self._starts:
            return await self._started_elsewhere("stripe")
        from payments.stripe.double.process import StripeDoubleProcess

        double = StripeDoubleProcess(
            webhook_url=f"http://127.0.0.1:{self._settings.port}/webhooks/stripe",
            webhook_secret=DOUBLE_WEBHOOK_SECRET,
            state=self._settings.data_dir / "stripe-double.sqlite",
        )
        url = await asyncio.to_thread(double.start)
        self._stack.push_async_callback(asyncio.to_thread, double.stop)
        self._note("stripe", url)
        return url

    async def fcm(self) -> str:
        """Return the address of the FCM double."""
        if not self._starts:
            return await self._started_elsewhere("fcm")
        from notifications.fcm.double.process import FcmDoubleProcess

        double = await asyncio.to_thread(FcmDoubleProcess)
        self._stack.push_async_callback(asyncio.to_thread, double.stop)
        self._note("fcm", double.url)
        return double.url

    def _note_file(self, name: str) -> Path:
        return self._settings.data_dir / f"{name}-double.json"

    def _note(self, name: str, url: str) -> None:
        self._note_file(name).write_text(json.dumps({"url": url}))

    async def _started_elsewhere(self, name: str) -> str:
        for _ in range(_WAIT_SECONDS * 2):
            try:
                url: str = json.loads(self._note_file(name).read_text())["url"]
                await _require_listener(url)
            except (OSError, ValueError, KeyError):
                await asyncio.sleep(0.5)
            else:
                return url
        raise ConfigurationError(
            f"no process with the API role has started the {name} double: start `--role api` first, "
            f"or set VOLTLANE_{name.upper()}_API_BASE"
        )


async def _require_listener(url: str) -> None:
    """Raise OSError unless somebody listens at an address."""
    parts = urlsplit(url)
    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.close()
    await writer.wait_closed()
