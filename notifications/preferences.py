"""A driver's choice, for each kind of message, whether to get it. Without a choice it is on."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.uow import UnitOfWork
from notifications.messages.payloads import MessageKind
from notifications.tables import NotificationPreference


async def set_preference(uow: UnitOfWork, *, driver_id: UUID, kind: MessageKind, enabled: bool) -> None:
    """Store the driver's choice for a kind, over an earlier one."""
    row = insert(NotificationPreference).values(driver_id=driver_id, kind=kind.value, enabled=enabled)
    await uow.session.execute(
        row.on_conflict_do_update(index_elements=["driver_id", "kind"], set_={"enabled": row.excluded.enabled})
    )


async def list_preferences(session: AsyncSession, driver_id: UUID) -> dict[MessageKind, bool]:
    """Return for every kind whether the driver gets it."""
    chosen = await session.execute(
        select(NotificationPreference.kind, NotificationPreference.enabled).where(
            NotificationPreference.driver_id == driver_id
        )
    )
    choices = {kind: enabled for kind, enabled in chosen}  # noqa: C416 - rows are not pairs to `dict`
    return {kind: choices.get(kind.value, True) for kind in MessageKind}


async def is_enabled(session: AsyncSession, driver_id: UUID, kind: MessageKind) -> bool:
    """Tell whether the driver gets a kind of message."""
    enabled = await session.scalar(
        select(NotificationPreference.enabled).where(
            NotificationPreference.driver_id == driver_id, NotificationPreference.kind == kind.value
        )
    )
    return enabled is not False
