"""The app installations a driver can be reached on.

A token belongs to one installation, so within a brand to one row: whoever signs in on a phone last gets its
messages, and the driver before no longer does. Tokens are found by digest, for they outgrow an index.
"""

import hashlib
import re
from collections.abc import Sequence
from uuid import UUID

from babel.core import Locale, UnknownLocaleError
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.uow import UnitOfWork
from app.kit.clock import Clock
from app.kit.errors import InvalidInputError
from app.kit.ids import new_id
from notifications.messages.catalogue import DEFAULT_LANGUAGE
from notifications.tables import Device, Platform

MAX_DEVICES = 20
"""Installations kept for one driver; those longest unseen make room."""
_TOKEN = re.compile(r"^[\x21-\x7e]{8,4096}$")
_APP_VERSION_LENGTH = 30


async def register_device(
    uow: UnitOfWork,
    *,
    driver_id: UUID,
    token: str,
    platform: Platform,
    locale: str,
    app_version: str | None,
    clock: Clock,
) -> UUID:
    """Store an installation, or that it was seen again, as the driver's; return the device's id.

    Raises InvalidInputError for a token that cannot be one (`token`) or an endless version (`appVersion`).
    """
    if not _TOKEN.match(token):
        raise InvalidInputError("this is not a push token", field="token")
    if app_version is not None and len(app_version) > _APP_VERSION_LENGTH:
        raise InvalidInputError("the app's version is too long", field="appVersion")
    row = insert(Device).values(
        id=new_id(),
        driver_id=driver_id,
        token=token,
        token_hash=token_digest(token),
        platform=platform,
        locale=short_locale(locale),
        app_version=app_version,
        last_seen_at=clock.now(),
    )
    changed = ("driver_id", "platform", "locale", "app_version", "last_seen_at")
    stored = await uow.session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "token_hash"],
            set_={name: getattr(row.excluded, name) for name in changed},
        ).returning(Device.id)
    )
    device_id = stored.scalar_one()
    await _drop_longest_unseen(uow.session, driver_id)
    return device_id


async def unregister_device(uow: UnitOfWork, *, driver_id: UUID, token: str) -> bool:
    """Forget an installation of the driver; return whether there was one. Other drivers' stay."""
    removed = await uow.session.execute(
        delete(Device)
        .where(Device.driver_id == driver_id, Device.token_hash == token_digest(token))
        .returning(Device.id)
    )
    return removed.first() is not None


async def list_devices(session: AsyncSession, driver_id: UUID) -> Sequence[Device]:
    """Return the driver's installations, the one seen last first."""
    devices = await session.scalars(
        select(Device).where(Device.driver_id == driver_id).order_by(Device.last_seen_at.desc(), Device.id)
    )
    return devices.all()


def token_digest(token: str) -> str:
    """Return the SHA-256 under which a token is found."""
    return hashlib.sha256(token.encode()).hexdigest()


def short_locale(locale: str) -> str:
    """Return a locale as language and territory ("de-AT"); what is no locale counts as English."""
    try:
        parsed = Locale.parse(locale.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return DEFAULT_LANGUAGE
    return f"{parsed.language}-{parsed.territory}" if parsed.territory else parsed.language


async def _drop_longest_unseen(session: AsyncSession, driver_id: UUID) -> None:
    kept = (
        select(Device.id)
        .where(Device.driver_id == driver_id)
        .order_by(Device.last_seen_at.desc(), Device.id.desc())
        .limit(MAX_DEVICES)
    )
    await session.execute(delete(Device).where(Device.driver_id == driver_id, Device.id.not_in(kept)))
