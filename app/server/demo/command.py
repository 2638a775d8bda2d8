"""`voltlane demo`: everything that is started and ended around the journey.

Order: the Stripe double, the server with its database, then what `Show` does while it serves. Whatever ends it (the
journey's end, a failure, Ctrl-C), nothing keeps running.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.kit.errors import ConfigurationError
from app.kit.logging import configure_logging
from app.kit.settings import Mode, Settings, load_settings
from app.server.demo.screen import Screen, new_console
from app.server.demo.show import Show
from app.server.doubles import DOUBLE_WEBHOOK_SECRET
from app.server.serve import serve
from payments.stripe.double.process import StripeDoubleProcess

SAMPLE_INTERVAL_S = 4
"""Told to the chargers, which divide it by the speed: a live update each second at the default speed."""


def run_demo(*, once: bool, port: int | None, data_dir: Path | None, speed: int) -> int:
    """Play the demo; return the exit code: 0 if the figures agree. Raises ConfigurationError."""
    with _folder(data_dir, once=once) as folder:
        settings = _settings(port, folder, once=once)
        # A folder that vanishes would take the receipts along whose paths were printed.
        vanishes = data_dir is None and once
        receipts = Path(tempfile.mkdtemp(prefix="voltlane-receipts-")) if vanishes else folder / "receipts"
        try:
            return asyncio.run(_run(settings, receipts=receipts, once=once, speed=speed))
        except KeyboardInterrupt:
            return 130  # as a shell reports a command that Ctrl-C ended


async def _run(settings: Settings, *, receipts: Path, once: bool, speed: int) -> int:
    configure_logging(settings.log_level, json=settings.log_json)
    with _stripe_double(settings.data_dir) as stripe:
        settings = settings.model_copy(update={"stripe_api_base": stripe.url})
        show = Show(Screen(new_console()), stripe.url, receipts=receipts, once=once, speed=speed)
        await serve(settings, when_ready=show.play)
    return show.exit_code


def _stripe_double(folder: Path) -> StripeDoubleProcess:
    """Return the double to be started; it learns the server's address when that is known."""
    folder.mkdir(parents=True, exist_ok=True)
    return StripeDoubleProcess(webhook_secret=DOUBLE_WEBHOOK_SECRET, state=folder / "stripe-double.sqlite")


def _settings(port: int | None, folder: Path, *, once: bool) -> Settings:
    """Return settings for the demo: quiet logs, quick readings, any port where it ends by itself."""
    chosen = 0 if port is None and once else port
    settings = load_settings(port=chosen, data_dir=folder)
    if settings.mode is not Mode.DEVELOPMENT:
        raise ConfigurationError("the demo is for VOLTLANE_MODE=development: it seeds known passwords")
    if settings.stripe_secret_key is not None or settings.stripe_api_base is not None:
        raise ConfigurationError(
            "the demo pays at its own Stripe double: unset VOLTLANE_STRIPE_SECRET_KEY and VOLTLANE_STRIPE_API_BASE"
        )
    changes: dict[str, object] = {"sample_interval_seconds": SAMPLE_INTERVAL_S, "public_url": None}
    if "log_level" not in settings.model_fields_set:
        changes["log_level"] = "WARNING"
    return settings.model_copy(update=changes)


@contextmanager
def _folder(data_dir: Path | None, *, once: bool) -> Iterator[Path]:
    """Yield the folder of the demo: the given one, one that vanishes with `--once`, else a part of the default."""
    if data_dir is not None:
        yield data_dir.resolve()
    elif once:
        with tempfile.TemporaryDirectory(prefix="voltlane-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    else:
        yield load_settings().data_dir / "demo"
