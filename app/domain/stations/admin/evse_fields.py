"""What an operator may say about an EVSE and its connectors, and what follows from it for charger and location."""

from typing import TypedDict
from uuid import UUID

from sqlalchemy import func, select

from app.db.uow import UnitOfWork
from app.domain.charging.states import LIVE
from app.domain.charging.tables import ChargingSession
from app.domain.stations.admin.errors import ChargerElsewhereError, EvseBusyError
from app.domain.stations.normalise import normalise_evse_code
from app.domain.stations.states import ConnectorFormat, ConnectorStandard, PowerType
from app.domain.stations.tables import Charger, Connector, Evse, Location
from app.kit.errors import InvalidInputError, NotFoundError

_MAX_POWER_W = 10_000_000
_MAX_NUMBER = 1000
_MAX_CODE = 60


class EvseFields(TypedDict, total=False):
    """What is said; a key that is absent is not said. `ocpp_evse_no` is the charger's number (1.6: connector id)."""

    charger_id: UUID | None
    ocpp_evse_no: int | None
    evse_code: str | None
    physical_reference: str | None
    max_power_w: int | None


class ConnectorFields(TypedDict, total=False):
    """What is said of a connector; null means that it is not known."""

    standard: ConnectorStandard | None
    format: ConnectorFormat | None
    power_type: PowerType | None
    max_power_w: int | None


def check_power(value: int | None) -> None:
    """Raise InvalidInputError for a power (W) that nothing has."""
    if value is not None and not 0 < value <= _MAX_POWER_W:
        raise InvalidInputError(f"A power is between 1 and {_MAX_POWER_W} W.", field="maxPowerW")


def check_number(value: int, field: str) -> None:
    """Raise InvalidInputError for a number that is not 1 to 1000."""
    if not 1 <= value <= _MAX_NUMBER:
        raise InvalidInputError(f"A number is between 1 and {_MAX_NUMBER}.", field=field)


def apply_evse(evse: Evse, given: EvseFields) -> set[str]:
    """Set what differs, with the code's normal form; return the names of what changed. Raises InvalidInputError."""
    check_power(given.get("max_power_w"))
    number = given.get("ocpp_evse_no")
    if number is not None:
        check_number(number, "ocppEvseNo")
    for key in ("evse_code", "physical_reference"):
        if len(given.get(key) or "") > _MAX_CODE:  # type: ignore[arg-type]
            raise InvalidInputError(f"This has at most {_MAX_CODE} characters.", field=key)
    changed = {key for key, value in given.items() if getattr(evse, key) != value}
    for key in changed:
        setattr(evse, key, given[key])  # type: ignore[literal-required]
    code = normalise_evse_code(evse.evse_code) if evse.evse_code else None
    if evse.evse_code and not code:
        raise InvalidInputError("A code has letters or digits.", field="evseCode")
    evse.code_normalized = code
    if (evse.charger_id is None) != (evse.ocpp_evse_no is None):
        raise InvalidInputError(
            "A charger and the number it knows the charging point by belong together.", field="ocppEvseNo"
        )
    return changed


async def check_charger(uow: UnitOfWork, evse: Evse) -> None:
    """Check the EVSE's charger; one without a location gets the EVSE's. Raises NotFoundError, ChargerElsewhereError."""
    if evse.charger_id is None:
        return
    charger = await uow.session.get(Charger, evse.charger_id, with_for_update=True)
    if charger is None:
        raise NotFoundError("There is no such charger.", field="chargerId")
    if charger.location_id is None:
        charger.location_id = evse.location_id
    if charger.location_id != evse.location_id:
        raise ChargerElsewhereError


async def require_idle(uow: UnitOfWork, evse: Evse) -> None:
    """Raise EvseBusyError where a session lives at the EVSE."""
    live = select(ChargingSession.id).where(
        ChargingSession.evse_id == evse.id,
        ChargingSession.state.in_(LIVE),
        ChargingSession.historical.is_(False),
    )
    if await uow.session.scalar(live.limit(1)) is not None:
        raise EvseBusyError


def apply_connector(connector: Connector, given: ConnectorFields) -> set[str]:
    """Set what differs; return the names of what changed. Raises InvalidInputError."""
    check_power(given.get("max_power_w"))
    changed = {key for key, value in given.items() if getattr(connector, key) != value}
    for key in changed:
        setattr(connector, key, given[key])  # type: ignore[literal-required]
    return changed


async def refresh_power(uow: UnitOfWork, evse: Evse, *, from_connectors: bool) -> None:
    """Bring the EVSE's power (where asked) and its location's to the greatest there is."""
    await uow.session.flush()
    if from_connectors:
        strongest = select(func.max(Connector.max_power_w)).where(Connector.evse_id == evse.id)
        evse.max_power_w = await uow.session.scalar(strongest) or evse.max_power_w
        await uow.session.flush()
    location = await uow.session.get_one(Location, evse.location_id)
    greatest = select(func.max(Evse.max_power_w)).where(Evse.location_id == evse.location_id)
    location.max_power_w = await uow.session.scalar(greatest)
