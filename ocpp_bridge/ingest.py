"""From a charger's CALL to a durable effect and its answer: one transaction, then the answer.

What happens when something is wrong:

- The payload breaks its schema: known quirks are put right and recorded on the charger; what stays unusable is refused,
  or, where money hangs on it and sending it again would not help, quarantined and acknowledged.
- The charger is not accepted: only its boots and heartbeats are answered; billing messages are quarantined, others
  refused.
- The domain fails unexpectedly: a stop, an update or a reading is quarantined and acknowledged (an error would bring
  the same message back for ever and block the charger's queue); a start is quarantined too, but answered with an error,
  so that it comes again. Where the database cannot be reached nothing is acknowledged.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.db.uow import Database, UnitOfWork
from app.domain.charging.inbound import Inbound
from app.domain.stations.tables import Charger
from ocpp_bridge import heartbeat
from ocpp_bridge.answered import answer_given, content_digest, keep_answer
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.domain import Domain
from ocpp_bridge.faults import Fault, RefusedCallError, UnusableMessageError
from ocpp_bridge.frames import Call, Payload, plain, storable
from ocpp_bridge.handling import Context, MessageHandler
from ocpp_bridge.station import Station
from ocpp_bridge.tolerance import Checked, check_tolerantly
from ocpp_bridge.version import Version

_log = structlog.get_logger(__name__)
_BOOT = "BootNotification"
_UNAVAILABLE = frozenset({"08", "40", "53", "55", "57"})
"""Classes of SQLSTATE that pass: connection, rollback, resources, object in use, operator intervention (appendix A)."""


@dataclass(frozen=True, slots=True)
class _Message:
    """One CALL on its way."""

    station: Station
    handler: MessageHandler
    call: Call
    checked: Checked
    received_at: datetime


class Ingest:
    """Answers chargers' CALLs."""

    def __init__(self, database: Database, deps: Inbound, config: BridgeConfig) -> None:
        """Work as the bridge's role on `database`, with the domain's ports `deps`."""
        self._database = database
        self._deps = deps
        self._config = config

    async def answer(self, station: Station, version: Version, call: Call, received_at: datetime) -> Payload:
        """Return the payload of the CALLRESULT, its effect committed. Raises RefusedCallError."""
        if call.action == heartbeat.HEARTBEAT:
            return heartbeat.answer(received_at)
        handler = version.handlers.get(call.action)
        if handler is None:
            known = call.action in version.schemas.actions
            raise RefusedCallError(Fault.NOT_SUPPORTED if known else Fault.NOT_IMPLEMENTED, call.action[:60])
        checked = check_tolerantly(
            call.payload, lambda payload: version.schemas.request_errors(call.action, payload), handler.lenient
        )
        message = _Message(station, handler, call, checked, received_at)
        if checked.fatal is not None:
            fault = UnusableMessageError(checked.fatal.fault, checked.fatal.message)
            return await self._unusable(message, fault)
        if not station.accepted and call.action != _BOOT:
            return await self._not_accepted(message)
        try:
            return await self._apply(message)
        except UnusableMessageError as error:
            return await self._unusable(message, error)
        except RefusedCallError:
            raise
        except Exception as error:
            return await self._failed(message, error)

    async def _apply(self, message: _Message) -> Payload:
        """Run the handler; where the same content is answered elsewhere at this moment, take that answer."""
        try:
            return await self._database.transact(message.station.ref.tenant_id, lambda uow: self._handle(uow, message))
        except IntegrityError:
            return await self._database.transact(message.station.ref.tenant_id, lambda uow: self._handle(uow, message))

    async def _handle(self, uow: UnitOfWork, message: _Message) -> Payload:
        station, handler = message.station, message.handler
        context = self._context(uow, message)
        digest = None
        if handler.deduplicated(message.checked.payload):
            digest = content_digest(context, handler, message.call)
            given = await answer_given(uow, station.charger_id, digest)
            if given is not None:
                return given
        answer = await handler.handle(context, message.checked.payload)
        if digest is not None:
            await keep_answer(uow, station.charger_id, message.call, digest, answer)
        await _note_violations(uow, message)
        return answer

    def _context(self, uow: UnitOfWork, message: _Message) -> Context:
        domain = Domain(uow, self._deps, message.station.ref)
        return Context(uow, domain, message.station, message.received_at, self._config)

    async def _unusable(self, message: _Message, error: UnusableMessageError) -> Payload:
        """Quarantine and acknowledge where that is right, else refuse; the violation is recorded either way."""
        _log.warning("ocpp.unusable", charger=message.station.ref.identity, action=message.call.action, why=str(error))
        answer = message.handler.acknowledgement(message.call.payload)
        await self._quarantine(message, error.description, keep=message.handler.billing)
        if answer is None:
            raise error
        return answer

    async def _not_accepted(self, message: _Message) -> Payload:
        """A charger outside the network: OCPP 2.0.1 B02.FR.09 and B03.FR.07 want SecurityError; money is never lost."""
        answer = message.handler.acknowledgement(message.call.payload)
        if message.handler.billing:
            await self._quarantine(message, "the charger is not accepted into the network", keep=True)
        if answer is None:
            raise RefusedCallError(Fault.SECURITY, "the charger is not accepted into the network")
        return answer

    async def _failed(self, message: _Message, error: Exception) -> Payload:
        """Keep a message that the program could not apply; see the module's rules."""
        about = {"charger": message.station.ref.identity, "action": message.call.action}
        internal = RefusedCallError(Fault.INTERNAL, "the message could not be processed")
        answer = message.handler.acknowledgement(message.call.payload)
        if _out_of_reach(error):
            _log.error("ocpp.database_out_of_reach", why=str(error)[:200], **about)
        else:
            _log.exception("ocpp.handler_failed", **about)
            if message.handler.billing and not await self._kept(message, f"{type(error).__name__}: {error}"[:500]):
                raise internal from error
        if answer is None or (message.handler.billing and _out_of_reach(error)):
            raise internal from error
        return answer

    async def _kept(self, message: _Message, reason: str) -> bool:
        try:
            await self._quarantine(message, reason, keep=True)
        except Exception:
            _log.exception("ocpp.quarantine_failed", charger=message.station.ref.identity)
            return False
        return True

    async def _quarantine(self, message: _Message, reason: str, *, keep: bool) -> None:
        async def work(uow: UnitOfWork) -> None:
            if keep:
                domain = Domain(uow, self._deps, message.station.ref)
                await domain.quarantine(message.call.action, plain(message.call.payload), reason)
            await _note_violations(uow, message)

        await self._database.transact(message.station.ref.tenant_id, work)

    async def note_unreadable(self, station: Station, why: str) -> None:
        """Count a frame that could not be read at all."""

        async def work(uow: UnitOfWork) -> None:
            await _count_violations(uow, station, 1, why)

        try:
            await self._database.transact(station.ref.tenant_id, work)
        except (SQLAlchemyError, OSError, TimeoutError):
            _log.exception("ocpp.violation_not_counted", charger=station.ref.identity)


async def _note_violations(uow: UnitOfWork, message: _Message) -> None:
    """Count on the charger what its message did wrong."""
    violations = message.checked.violations
    if message.call.repaired:
        violations = ("invalid JSON put right", *violations)
    if not violations:
        return
    await uow.session.flush()
    await _count_violations(uow, message.station, len(violations), f"{message.call.action}: {violations[0]}")


async def _count_violations(uow: UnitOfWork, station: Station, count: int, last: str) -> None:
    await uow.session.execute(
        update(Charger)
        .where(Charger.id == station.charger_id)
        .values(violations=Charger.violations + count, last_violation=storable(last)[:500])
        .execution_options(synchronize_session=False)
    )


def _out_of_reach(error: Exception) -> bool:
    """Whether the database could not be reached, so that nothing can be stored."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        return error.connection_invalidated or isinstance(error, InterfaceError) or state[:2] in _UNAVAILABLE
    return isinstance(error, OSError | TimeoutError | PoolTimeoutError)
