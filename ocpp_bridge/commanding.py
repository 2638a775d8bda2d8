"""Carrying out a command on a connection of this process: translate, call, translate the answer, keep what it tells."""

from datetime import datetime

from app.db.uow import Database, UnitOfWork
from app.domain.charging.commands import Command, CommandOutcome
from app.domain.charging.tables import CommandState
from ocpp_bridge.calls import CallFailedError, CallTimeoutError, SocketGoneError
from ocpp_bridge.connection import Connection
from ocpp_bridge.frames import plain
from ocpp_bridge.tolerance import check_tolerantly
from ocpp_bridge.variables import store_reported
from ocpp_bridge.version import CannotTranslateError


async def carry_out(
    connection: Connection, command: Command, timeout_seconds: float, *, database: Database, now: datetime
) -> CommandOutcome:
    """Return what became of a command. Never raises for the charger's sake."""
    version = connection.version
    try:
        call = version.build(command)
        answer = await connection.calls.call(call.action, call.payload, timeout_seconds)
    except CannotTranslateError as error:
        return CommandOutcome(state=CommandState.FAILED, detail=str(error))
    except CallTimeoutError as error:
        return CommandOutcome(state=CommandState.TIMED_OUT, detail=str(error))
    except SocketGoneError as error:
        # A charger that had the call may carry it out: silence is not refusal.
        return CommandOutcome(state=CommandState.TIMED_OUT if error.sent else CommandState.OFFLINE, detail=str(error))
    except OSError as error:
        return CommandOutcome(state=CommandState.OFFLINE, detail=str(error))
    except CallFailedError as error:
        return CommandOutcome(state=CommandState.FAILED, detail=str(error))
    checked = check_tolerantly(answer, lambda payload: version.schemas.response_errors(call.action, payload))
    outcome = version.outcome(command, checked.payload)
    reported = version.variables(command, checked.payload)
    if reported:
        tenant_id, charger_id = connection.station.ref.tenant_id, connection.station.charger_id

        async def work(uow: UnitOfWork) -> None:
            await store_reported(uow, charger_id, reported, now)

        await database.transact(tenant_id, work)
    if checked.fatal is not None and outcome.state is CommandState.FAILED:
        return CommandOutcome(state=CommandState.FAILED, answer=plain(answer), detail=checked.fatal.message[:300])
    return outcome
