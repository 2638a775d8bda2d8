"""Who may open a socket: a known charger of a known brand, with the right password and a version we speak.

Refused before the WebSocket is accepted, with a plain HTTP status: 404 unknown, 401 wrong credentials, 400 no
common version, 429 too many refusals, 503 while we cannot decide. Security profile 0 (no password) only where the
charger or the setting allows it.
"""

import time
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db.tables import Tenant
from app.db.tenants import tenant_by_slug
from app.db.uow import Database
from app.domain.charging.messages import ChargerRef
from app.domain.stations.charger_credentials import hash_charger_password, verify_charger_password
from app.domain.stations.states import OcppVersion, RegistrationStatus
from app.domain.stations.tables import Charger, Location
from app.kit.errors import NotFoundError
from app.kit.ids import new_id
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.handshake import Handshake
from ocpp_bridge.refusals import RefusalLimiter
from ocpp_bridge.station import Station
from ocpp_bridge.version import Version
from ocpp_bridge.versions import VERSIONS, choose, version_of

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP answer instead of a socket."""

    status: int
    reason: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Admitted:
    """A charger that may connect; `subprotocol` is None for one that sent none and may."""

    station: Station
    version: Version
    subprotocol: str | None


_CHALLENGE = ((b"www-authenticate", b'Basic realm="ocpp", charset="UTF-8"'),)


class Admission:
    """Decides about handshakes."""

    def __init__(self, database: Database, config: BridgeConfig) -> None:
        """Look chargers up as the bridge's role."""
        self._database = database
        self._config = config
        self._limiter = RefusalLimiter(time.monotonic)

    async def decide(self, handshake: Handshake) -> Admitted | Refusal:
        """Return the admitted station or the refusal to send."""
        key = (handshake.tenant, handshake.identity, handshake.client)
        if wait := self._limiter.wait_seconds(key):
            return Refusal(429, "too many refused attempts", ((b"retry-after", str(wait).encode()),))
        decision = await self._decide(handshake)
        if isinstance(decision, Refusal):
            self._limiter.refused(key)
            _log.warning(
                "ocpp.refused_socket",
                tenant=handshake.tenant,
                charger=handshake.identity,
                status=decision.status,
                why=decision.reason,
            )
        else:
            self._limiter.forget(key)
        return decision

    async def _decide(self, handshake: Handshake) -> Admitted | Refusal:
        try:
            tenant = await tenant_by_slug(self._database, handshake.tenant)
        except NotFoundError:
            return Refusal(404, "unknown brand")
        charger = await self._find(tenant.id, handshake.identity)
        if charger is None and tenant.allow_self_registration and choose(handshake.offered) is not None:
            await self._register(tenant, handshake)
            charger = await self._find(tenant.id, handshake.identity)
        if charger is None:
            return Refusal(404, "unknown charger")
        if not self._authentic(charger, handshake):
            return Refusal(401, "wrong or missing credentials", _CHALLENGE)
        return await self._with_version(tenant.id, charger, handshake)

    async def _find(self, tenant_id: UUID, identity: str) -> Charger | None:
        async with self._database.read(tenant_id) as session:
            return await session.scalar(
                select(Charger).where(Charger.tenant_id == tenant_id, Charger.identity == identity)
            )

    async def _register(self, tenant: Tenant, handshake: Handshake) -> None:
        """Add a charger that registers itself: it waits for an operator; the password it came with stays its own."""
        credentials = handshake.credentials
        password = credentials.password.decode("latin-1") if credentials else None
        async with self._database.unit_of_work(tenant.id) as uow:
            await uow.session.execute(
                insert(Charger)
                .values(
                    id=new_id(),
                    identity=handshake.identity,
                    password_hash=hash_charger_password(password) if password else None,
                    security_profile=1 if password else 0,
                    registration=RegistrationStatus.PENDING,
                )
                .on_conflict_do_nothing(index_elements=["tenant_id", "identity"])
            )
        _log.info("ocpp.self_registered", tenant=handshake.tenant, charger=handshake.identity)

    def _authentic(self, charger: Charger, handshake: Handshake) -> bool:
        if charger.security_profile == 0:
            return True
        if charger.password_hash is None:
            return self._config.allow_security_profile_0
        credentials = handshake.credentials
        if credentials is None or credentials.user != charger.identity:
            return False
        return verify_charger_password(credentials.password, charger.password_hash)

    async def _with_version(self, tenant_id: UUID, charger: Charger, handshake: Handshake) -> Admitted | Refusal:
        version = choose(handshake.offered)
        subprotocol = version.name.value if version else None
        if version is None and not handshake.offered and charger.allow_missing_subprotocol:
            version = version_of(OcppVersion.V16)
        if version is None:
            ours = ", ".join(known.name.value for known in VERSIONS)
            return Refusal(400, f"no common subprotocol: this server speaks {ours}")
        station = Station(
            ref=ChargerRef(tenant_id=tenant_id, charger_id=charger.id, identity=charger.identity, version=version.name),
            registration=charger.registration,
            booted_at=charger.booted_at,
            zone=await self._zone(tenant_id, charger.location_id),
            clock_skew_seconds=charger.clock_skew_seconds,
        )
        return Admitted(station, version, subprotocol)

    async def _zone(self, tenant_id: UUID, location_id: UUID | None) -> ZoneInfo | None:
        if location_id is None:
            return None
        async with self._database.read(tenant_id) as session:
            name = await session.scalar(select(Location.time_zone).where(Location.id == location_id))
        try:
            return ZoneInfo(name) if name else None
        except (ZoneInfoNotFoundError, ValueError):
            return None
