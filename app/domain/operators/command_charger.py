"""A command that an operator sends to a charger: stored with its audit entry, sent, then stored with its outcome.

The network is never inside a transaction. A charger that is silent, offline or refuses is no error: the stored command
says what became of it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

from app.db.uow import UnitOfWork
from app.domain.charging.command_log import add_command, command_payload, finish_command
from app.domain.charging.commands import Command, SetVariable
from app.domain.charging.deps import Charging
from app.domain.charging.tables import ChargerCommand
from app.domain.operators.actor import AdminActor
from app.domain.stations.tables import Charger
from app.kit.errors import InvalidInputError, NotFoundError
from app.kit.logging import REDACTED

SECRET_VARIABLES = frozenset({"authorizationkey", "basicauthpassword"})
"""The charger's password by its 1.6 and 2.x name: set by `rotate_charger_password` only, or it would be locked out."""
_MAX_VALUE = 2500  # SetVariableDataType.attributeValue of OCPP 2.0.1; 1.6 allows 500
_SUSPICIOUS = ("password", "secret", "key")

Effect = Callable[[UnitOfWork, Charger], Awaitable[None]]


async def command_charger(
    deps: Charging,
    tenant_id: UUID,
    charger_id: UUID,
    command: Command,
    *,
    operation: str,
    actor: AdminActor,
    effect: Effect | None = None,
) -> ChargerCommand:
    """Send a command and return its row with the outcome; `effect` changes rows in the transaction that stores it.

    Raises NotFoundError, InvalidInputError.
    """
    _check(command)

    async def prepare(uow: UnitOfWork) -> UUID:
        charger = await uow.session.get(Charger, charger_id, with_for_update=effect is not None)
        if charger is None:
            raise NotFoundError("There is no such charger.", field="chargerId")
        shown = _without_secrets(command)
        row = await add_command(uow, charger_id, shown, requested_by=f"operator:{actor.label}")
        row.sent_at = deps.clock.now()
        if effect is not None:
            await effect(uow, charger)
        given = {"command": row.action, "command_id": str(row.id), **command_payload(shown)}
        actor.record(uow, operation, given, charger_id)
        return row.id

    command_id = await deps.database.transact(tenant_id, prepare)
    timeout = int(deps.settings.command_timeout.total_seconds())
    outcome = await deps.gateway.send(tenant_id, charger_id, command, timeout_seconds=timeout)

    async def record(uow: UnitOfWork) -> ChargerCommand:
        await finish_command(uow, command_id, outcome, deps.clock.now())
        return await uow.session.get_one(ChargerCommand, command_id)

    return await deps.database.transact(tenant_id, record)


def _check(command: Command) -> None:
    if not isinstance(command, SetVariable):
        return
    if command.name.variable.lower() in SECRET_VARIABLES:
        raise InvalidInputError("A charger's password is replaced by rotateChargerPassword.", field="variable")
    if len(command.value) > _MAX_VALUE:
        raise InvalidInputError(f"A value has at most {_MAX_VALUE} characters.", field="value")


def _without_secrets(command: Command) -> Command:
    """Return a command as it may be stored: the value of a variable whose name speaks of a secret is left out."""
    if isinstance(command, SetVariable) and any(word in command.name.variable.lower() for word in _SUSPICIOUS):
        return replace(command, value=REDACTED)
    return command
