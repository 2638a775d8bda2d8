"""RFID cards and other tokens a charger reads: who they belong to and whether they may charge.

A uid is upper case, for chargers report it in either (CiString20Type of OCPP 1.6 and identifierString of
2.0.1 are case-insensitive), and unique within the brand. A driver manages their own cards after verifying
their e-mail address, or a stranger could register a card on an account opened with somebody else's address.
Drivers block a lost card at once; only operators unblock, so that a block of theirs stands. What an operator
does is audited, with the uid shortened: who knows a uid can copy the card.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.errors import EmailNotVerifiedError, IdTokenInUseError, IdTokenTakenError
from app.domain.drivers.families import lock_subject
from app.domain.drivers.tables import Driver, IdToken
from app.domain.operators.actor import AdminActor
from app.kit.clock import Clock
from app.kit.errors import InvalidInputError, NotFoundError
from app.kit.ids import new_id

# identifierString of OCPP 2.0.1 part 2, 5.3; 36 characters there, 20 in 1.6 (CiString20Type), 255 in 2.1.
_UID = re.compile(r"[A-Z0-9*\-_=:+|@.]{1,255}")
_TYPES = frozenset({"ISO14443", "ISO15693", "eMAID", "MacAddress", "KeyCode", "Central", "Local"})
_MAX_LABEL = 80


@dataclass(frozen=True, slots=True)
class NewIdToken:
    """A card to add. `type` is an OCPP 2.0.1 IdTokenEnumType; `free_of_charge` is for operators to give."""

    uid: str
    driver_id: UUID | None = None
    label: str | None = None
    type: str = "ISO14443"
    expires_at: datetime | None = None
    free_of_charge: bool = False


@dataclass(frozen=True, slots=True)
class IdTokenView:
    """A card as its owner and operators see it."""

    id: UUID
    uid: str
    type: str
    driver_id: UUID | None
    label: str | None
    blocked_at: datetime | None
    expires_at: datetime | None
    free_of_charge: bool


@dataclass(frozen=True, slots=True)
class CardManager:
    """Who manages cards: a driver their own, an operator all of the brand's."""

    driver_id: UUID | None = None
    admin: AdminActor | None = None

    def __post_init__(self) -> None:
        if (self.driver_id is None) == (self.admin is None):
            raise ValueError("cards are managed by a driver or by an operator")


def normalise_uid(raw: str) -> str:
    """Return a uid in its one spelling. Raises InvalidInputError."""
    uid = raw.strip().upper()
    if _UID.fullmatch(uid) is None:
        raise InvalidInputError("A card number has letters, digits and *-_=:+|@. only.", field="uid")
    return uid


async def add_id_token(database: Database, tenant_id: UUID, given: NewIdToken, *, manager: CardManager) -> IdTokenView:
    """Add a card. A driver's is their own and never free of charge, whatever is given.

    Raises InvalidInputError, NotFoundError (driver), EmailNotVerifiedError, IdTokenTakenError.
    """
    uid, label = normalise_uid(given.uid), _checked_label(given)
    admin = manager.admin
    owner_id = given.driver_id if admin is not None else manager.driver_id

    async def work(uow: UnitOfWork) -> IdTokenView:
        if owner_id is not None:
            await _check_owner(uow, owner_id, must_be_verified=admin is None)
        values = {
            "id": new_id(),
            "tenant_id": tenant_id,
            "uid": uid,
            "type": given.type,
            "driver_id": owner_id,
            "label": label,
            "expires_at": given.expires_at,
            "free_of_charge": given.free_of_charge and admin is not None,
        }
        statement = insert(IdToken).values(**values)
        row = await uow.session.scalar(
            statement.on_conflict_do_nothing(index_elements=["tenant_id", "uid"]).returning(IdToken)
        )
        if row is None:
            raise IdTokenTakenError
        _record(uow, manager, "addIdToken", row)
        return _view(row)

    return await database.transact(tenant_id, work)


async def block_id_token(
    database: Database, tenant_id: UUID, clock: Clock, token_id: UUID, *, manager: CardManager
) -> IdTokenView:
    """Refuse a card from now on; again changes nothing. Raises NotFoundError."""

    async def work(uow: UnitOfWork) -> IdTokenView:
        row = await _lock(uow, token_id, manager)
        if row.blocked_at is None:
            row.blocked_at = clock.now()
            _record(uow, manager, "blockIdToken", row)
        return _view(row)

    return await database.transact(tenant_id, work)


async def unblock_id_token(database: Database, tenant_id: UUID, token_id: UUID, *, admin: AdminActor) -> IdTokenView:
    """Accept a blocked card again; again changes nothing. Raises NotFoundError."""
    manager = CardManager(admin=admin)

    async def work(uow: UnitOfWork) -> IdTokenView:
        row = await _lock(uow, token_id, manager)
        if row.blocked_at is not None:
            row.blocked_at = None
            _record(uow, manager, "unblockIdToken", row)
        return _view(row)

    return await database.transact(tenant_id, work)


async def remove_id_token(database: Database, tenant_id: UUID, token_id: UUID, *, manager: CardManager) -> None:
    """Delete a card that never charged. Raises NotFoundError, IdTokenInUseError."""

    async def work(uow: UnitOfWork) -> None:
        row = await _lock(uow, token_id, manager)
        if row.blocked_at is not None and manager.admin is None:
            raise IdTokenInUseError  # or a driver could lift a block by adding the card anew
        _record(uow, manager, "removeIdToken", row)
        await uow.session.delete(row)

    try:
        await database.transact(tenant_id, work)
    except IntegrityError as error:  # a session refers to it
        raise IdTokenInUseError from error


async def list_id_tokens(database: Database, tenant_id: UUID, *, driver_id: UUID) -> list[IdTokenView]:
    """Return a driver's cards, oldest first."""
    async with database.read(tenant_id) as session:
        rows = await session.scalars(select(IdToken).where(IdToken.driver_id == driver_id).order_by(IdToken.id))
        return [_view(row) for row in rows]


def _checked_label(given: NewIdToken) -> str | None:
    if given.type not in _TYPES:
        raise InvalidInputError(f"The type of a card is one of {', '.join(sorted(_TYPES))}.", field="type")
    label = (given.label or "").strip()
    if len(label) > _MAX_LABEL or not (label.isprintable()):
        raise InvalidInputError(f"A label has at most {_MAX_LABEL} printable characters.", field="label")
    return label or None


async def _check_owner(uow: UnitOfWork, driver_id: UUID, *, must_be_verified: bool) -> None:
    driver = await lock_subject(uow, Driver, driver_id)
    if driver is None:
        raise NotFoundError("There is no such driver.", field="driverId")
    if must_be_verified and driver.email_verified_at is None:
        raise EmailNotVerifiedError


async def _lock(uow: UnitOfWork, token_id: UUID, manager: CardManager) -> IdToken:
    statement = select(IdToken).where(IdToken.id == token_id).with_for_update()
    if manager.driver_id is not None:
        statement = statement.where(IdToken.driver_id == manager.driver_id)
    row = await uow.session.scalar(statement)
    if row is None:
        raise NotFoundError("There is no such card.")
    return row


def _record(uow: UnitOfWork, manager: CardManager, operation: str, row: IdToken) -> None:
    if manager.admin is not None:
        given = {
            "uid": f"…{row.uid[-4:]}",
            "driver_id": str(row.driver_id) if row.driver_id else None,
            "free_of_charge": row.free_of_charge,
        }
        manager.admin.record(uow, operation, given, row.id)


def _view(row: IdToken) -> IdTokenView:
    return IdTokenView(
        id=row.id,
        uid=row.uid,
        type=row.type,
        driver_id=row.driver_id,
        label=row.label,
        blocked_at=row.blocked_at,
        expires_at=row.expires_at,
        free_of_charge=row.free_of_charge,
    )
