"""The demo's chargers: twenty of each OCPP version at real fast-charging sites around Berlin's centre.

Sites are taken in order of distance, alternating between the versions, so that both are found nearby. Only sites whose
register entry names a strong first charging point and at least two points are used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from app.db.uow import Database
from app.domain.operators.actor import COMMAND_LINE
from app.domain.stations.admin.create_charger import create_charger
from app.domain.stations.admin.create_evse import NumberedConnector
from app.domain.stations.admin.evse_fields import ConnectorFields, EvseFields
from app.domain.stations.admin.set_charger_password import set_charger_password
from app.domain.stations.admin.update_evse import update_evse
from app.domain.stations.search import MAX_PAGE_SIZE, Cursor, find_nearest
from app.domain.stations.search_query import StationFilter
from app.domain.stations.states import ConnectorFormat, ConnectorStandard, PowerType
from app.domain.stations.status import EvseView, evses_of_locations
from app.domain.stations.tables import Charger, Evse
from app.kit.clock import Clock
from app.kit.errors import VoltlaneError
from app.server.demo.gather import gather_few

Version = Literal["1.6", "2.0.1"]

CENTRE = (52.525084, 13.369402)
"""Berlin Hauptbahnhof, WGS 84 degrees."""
PER_VERSION = 20
_PREFIXES: dict[Version, str] = {"1.6": "DEMO16-", "2.0.1": "DEMO201-"}
_LEAST_POWER_W = 150_000
_LEAST_POINTS = 2
_POINTS_SERVED = 2


class TooFewSitesError(VoltlaneError):
    """The tenant's sites around Berlin do not suffice for the demo's chargers."""


@dataclass(frozen=True, slots=True)
class DemoCharger:
    """A charger of the demo; `evse_codes` in the order of the charger's own numbers, power in W of each."""

    identity: str
    version: Version
    password: str
    evse_codes: tuple[str, ...]
    max_power_w: int


async def ensure_chargers(database: Database, tenant_id: UUID, clock: Clock) -> list[DemoCharger]:
    """Place the chargers that are missing, give the others a new password, and return all. Raises TooFewSitesError."""
    stored = await _stored(database, tenant_id)
    wanted = _wanted()
    missing = sum(identity not in stored for identity, _ in wanted)
    sites = iter(await _free_sites(database, tenant_id, clock, missing) if missing else [])
    return await gather_few(
        _renew(database, tenant_id, identity, version, stored[identity])
        if identity in stored
        else _place(database, tenant_id, identity, version, next(sites))
        for identity, version in wanted
    )


async def _stored(database: Database, tenant_id: UUID) -> dict[str, UUID]:
    identities = [identity for identity, _ in _wanted()]
    async with database.read(tenant_id) as session:
        rows = await session.scalars(select(Charger).where(Charger.identity.in_(identities)))
        return {row.identity: row.id for row in rows}


def _wanted() -> list[tuple[str, Version]]:
    """Return identities and versions, alternating."""
    return [
        (f"{prefix}{number:04d}", version)
        for number in range(1, PER_VERSION + 1)
        for version, prefix in _PREFIXES.items()
    ]


async def _renew(database: Database, tenant_id: UUID, identity: str, version: Version, charger_id: UUID) -> DemoCharger:
    """Return a charger that is there, with a new password."""
    async with database.read(tenant_id) as session:
        evses = (
            await session.scalars(select(Evse).where(Evse.charger_id == charger_id).order_by(Evse.ocpp_evse_no))
        ).all()
    power_w = max((evse.max_power_w or 0 for evse in evses), default=0) or _LEAST_POWER_W
    return DemoCharger(
        identity=identity,
        version=version,
        password=await set_charger_password(database, tenant_id, charger_id, actor=COMMAND_LINE),
        evse_codes=tuple(evse.evse_code or "" for evse in evses),
        max_power_w=power_w,
    )


async def _free_sites(database: Database, tenant_id: UUID, clock: Clock, count: int) -> list[list[EvseView]]:
    """Return the charging points of the nearest sites that suit a charger of ours."""
    wanted = StationFilter(min_power_w=_LEAST_POWER_W)
    after: Cursor | None = None
    sites: list[list[EvseView]] = []
    while len(sites) < count:
        async with database.read(tenant_id) as session:
            page = await find_nearest(session, CENTRE, wanted, now=clock.now(), first=MAX_PAGE_SIZE, after=after)
            views = await evses_of_locations(session, [item.location.id for item in page.items], clock.now())
        sites += [views[item.location.id] for item in page.items if _suits(views[item.location.id])]
        if not page.has_next:
            break
        after = page.items[-1].cursor
    if len(sites) < count:
        raise TooFewSitesError(f"only {len(sites)} of {count} sites around Berlin suit the demo's chargers")
    return sites[:count]


def _suits(evses: Sequence[EvseView]) -> bool:
    return (
        len(evses) >= _LEAST_POINTS
        and (evses[0].evse.max_power_w or 0) >= _LEAST_POWER_W
        and all(view.charger is None for view in evses)
    )


async def _place(
    database: Database, tenant_id: UUID, identity: str, version: Version, site: Sequence[EvseView]
) -> DemoCharger:
    """Register a charger at a site and let it serve the site's first charging points, with the plugs it has."""
    power_w = site[0].evse.max_power_w or _LEAST_POWER_W
    location_id = site[0].evse.location_id
    new = await create_charger(database, tenant_id, identity=identity, location_id=location_id, actor=COMMAND_LINE)
    plug = ConnectorFields(
        standard=ConnectorStandard.IEC_62196_T2_COMBO,
        format=ConnectorFormat.CABLE,
        power_type=PowerType.DC,
        max_power_w=power_w,
    )
    codes = []
    for number, view in enumerate(site[:_POINTS_SERVED], start=1):
        codes.append(f"DE*VLD*E{identity.replace('-', '')}*{number}")
        given = EvseFields(charger_id=new.charger.id, ocpp_evse_no=number, evse_code=codes[-1], max_power_w=power_w)
        await update_evse(database, tenant_id, view.evse.id, given, [NumberedConnector(1, plug)], actor=COMMAND_LINE)
    return DemoCharger(identity, version, new.password, tuple(codes), power_w)
