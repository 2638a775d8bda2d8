"""Whether an id token may charge: one decision for Authorize, starts and transaction events.

Tokens are case-insensitive. The table, its first line that fits counts:

| token | decision |
| --- | --- |
| one-time token of a session or reservation, on its own charger | Accepted |
| not known, or of nobody | Invalid |
| blocked | Blocked |
| past its date | Expired |
| of a disabled driver | Blocked |
| of a driver without a usable card, or with debts | NoCredit |
| known, where the EVSE (Authorize: every EVSE of the charger) is reserved for somebody else | Blocked |
| of a card that charges elsewhere now (starts only) | ConcurrentTx |
| otherwise | Accepted |

Within a running transaction the session's own token and any card of its driver are accepted, all others Invalid.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.messages import ChargerRef
from app.domain.charging.states import STARTING, Authorization, SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.drivers.tables import Driver, IdToken
from app.domain.reservations.others import all_reserved_for_others
from app.domain.reservations.tables import HOLDING, Reservation


@dataclass(frozen=True, slots=True)
class TokenDecision:
    """A decision with the stored token it was made by, if there is one."""

    authorization: Authorization
    id_token_id: UUID | None = None
    driver_id: UUID | None = None
    free_of_charge: bool = False


async def authorize(uow: UnitOfWork, deps: Inbound, ref: ChargerRef, id_token: str) -> Authorization:
    """Decide about a token presented at a charger. One-time tokens hold on the charger they were made for only."""
    token = id_token.strip().upper()
    if await _is_one_time_token(uow, ref, token):
        return Authorization.ACCEPTED
    decision = await decide(uow, deps, token)
    if decision.authorization is not Authorization.ACCEPTED:
        return decision.authorization
    taken = await all_reserved_for_others(uow, ref, decision.driver_id, deps.clock.now())
    return Authorization.BLOCKED if taken else Authorization.ACCEPTED


async def authorize_within(uow: UnitOfWork, session: ChargingSession, id_token: str) -> Authorization:
    """Decide about a token told within a session's transaction, or with its end. The session goes on all the same."""
    token = id_token.strip().upper()
    if token in await own_tokens(uow, session):
        return session.refused_as or Authorization.ACCEPTED
    if session.driver_id is None:
        return Authorization.INVALID
    driver_id = await uow.session.scalar(select(IdToken.driver_id).where(IdToken.uid == token))
    return Authorization.ACCEPTED if driver_id == session.driver_id else Authorization.INVALID


async def own_tokens(uow: UnitOfWork, session: ChargingSession) -> frozenset[str]:
    """Return the tokens a session was started with: its one-time token, or the card."""
    tokens = {session.start_token}
    if session.id_token_id is not None:
        tokens.add(await uow.session.scalar(select(IdToken.uid).where(IdToken.id == session.id_token_id)))
    return frozenset(token.upper() for token in tokens if token)


async def _is_one_time_token(uow: UnitOfWork, ref: ChargerRef, token: str) -> bool:
    started = await uow.session.scalar(
        select(ChargingSession.id).where(
            ChargingSession.charger_id == ref.charger_id,
            ChargingSession.start_token == token,
            ChargingSession.state.in_(STARTING | {SessionState.ACTIVE}),
        )
    )
    if started is not None:
        return True
    reserved = await uow.session.scalar(
        select(Reservation.id).where(
            Reservation.charger_id == ref.charger_id,
            Reservation.id_token == token,
            Reservation.state.in_(HOLDING),
        )
    )
    return reserved is not None


async def decide(uow: UnitOfWork, deps: Inbound, token: str) -> TokenDecision:
    """Decide about a stored token (RFID card) by its own state, its driver's, and the driver's card and debts."""
    row = await uow.session.scalar(select(IdToken).where(IdToken.uid == token))
    if row is None:
        return TokenDecision(Authorization.INVALID)
    now = deps.clock.now()
    if row.blocked_at is not None:
        return TokenDecision(Authorization.BLOCKED, row.id, row.driver_id)
    if row.expires_at is not None and row.expires_at <= now:
        return TokenDecision(Authorization.EXPIRED, row.id, row.driver_id)
    if row.free_of_charge:
        return TokenDecision(Authorization.ACCEPTED, row.id, row.driver_id, free_of_charge=True)
    if row.driver_id is None:
        return TokenDecision(Authorization.INVALID, row.id)
    disabled = await uow.session.scalar(select(Driver.disabled_at).where(Driver.id == row.driver_id))
    if disabled is not None:
        return TokenDecision(Authorization.BLOCKED, row.id, row.driver_id)
    if not await deps.standing.may_charge(uow, row.driver_id):
        return TokenDecision(Authorization.NO_CREDIT, row.id, row.driver_id)
    return TokenDecision(Authorization.ACCEPTED, row.id, row.driver_id)
