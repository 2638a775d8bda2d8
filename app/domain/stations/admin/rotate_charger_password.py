"""A new password for a charger: the charger is told first, and until it is known to use it both are accepted.

A charger whose answer is lost may use either, so neither is forgotten before the charger's word is known: nobody has
to drive to it. The password is told once; what is stored of the command says that there was one.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from app.db.uow import UnitOfWork
from app.domain.charging.command_log import add_command, finish_command
from app.domain.charging.commands import CommandOutcome, SetVariable, VariableName
from app.domain.charging.deps import Charging
from app.domain.charging.errors import ChargerOfflineError
from app.domain.charging.tables import ChargerCommand, CommandState
from app.domain.operators.actor import AdminActor
from app.domain.stations.charger_credentials import accept_either, hash_charger_password
from app.domain.stations.states import OcppVersion
from app.domain.stations.tables import Charger
from app.kit.errors import NotFoundError
from app.kit.logging import REDACTED

_OLD_STAYS = frozenset({CommandState.REJECTED, CommandState.OFFLINE})
_AFTER_REBOOT = "RebootRequired"


@dataclass(frozen=True, slots=True)
class RotatedPassword:
    """What became of a rotation. `password` is None where the charger keeps its old one."""

    charger: Charger
    command: ChargerCommand | None
    password: str | None


@dataclass(frozen=True, slots=True)
class _Prepared:
    charger: Charger
    command: SetVariable
    command_id: UUID
    password: str
    old_hash: str | None
    new_hash: str


async def rotate_charger_password(
    deps: Charging, tenant_id: UUID, charger_id: UUID, *, force: bool, actor: AdminActor
) -> RotatedPassword:
    """Give a charger a new password; with `force` the new one alone holds from now on and the charger is not told.

    Raises NotFoundError, ChargerOfflineError (not with `force`).
    """
    if force:
        return await _force(deps, tenant_id, charger_id, actor)
    prepared = await deps.database.transact(tenant_id, lambda uow: _prepare(deps, uow, charger_id, actor))
    timeout = int(deps.settings.command_timeout.total_seconds())
    outcome = await deps.gateway.send(tenant_id, charger_id, prepared.command, timeout_seconds=timeout)
    return await deps.database.transact(tenant_id, lambda uow: _finish(deps, uow, prepared, outcome))


async def _force(deps: Charging, tenant_id: UUID, charger_id: UUID, actor: AdminActor) -> RotatedPassword:
    password = secrets.token_hex(20).upper()

    async def work(uow: UnitOfWork) -> Charger:
        charger = await _lock(uow, charger_id)
        charger.password_hash = hash_charger_password(password)
        charger.security_profile = max(1, charger.security_profile)
        actor.record(uow, "rotateChargerPassword", {"force": True}, charger.id)
        return charger

    return RotatedPassword(await deps.database.transact(tenant_id, work), None, password)


async def _prepare(deps: Charging, uow: UnitOfWork, charger_id: UUID, actor: AdminActor) -> _Prepared:
    charger = await _lock(uow, charger_id)
    if not charger.connected:
        raise ChargerOfflineError("The charger is not connected; its password can only be replaced by force.")
    # 20 random bytes in hexadecimal: what OCPP 1.6 requires (security whitepaper, A00.FR.205) and 2.0.1 allows.
    password = secrets.token_hex(20).upper()
    old, new = charger.password_hash, hash_charger_password(password)
    charger.password_hash = accept_either(new, old) if old else new
    command = SetVariable(name=_password_variable(charger), value=password)
    row = await add_command(
        uow, charger.id, SetVariable(name=command.name, value=REDACTED), requested_by=f"operator:{actor.label}"
    )
    row.sent_at = deps.clock.now()
    actor.record(uow, "rotateChargerPassword", {"force": False, "command": str(row.id)}, charger.id)
    return _Prepared(charger, command, row.id, password, old, new)


async def _finish(deps: Charging, uow: UnitOfWork, prepared: _Prepared, outcome: CommandOutcome) -> RotatedPassword:
    charger = await _lock(uow, prepared.charger.id)
    await finish_command(uow, prepared.command_id, outcome, deps.clock.now())
    row = await uow.session.get_one(ChargerCommand, prepared.command_id)
    if charger.password_hash != prepared.charger.password_hash:  # replaced by somebody meanwhile
        return RotatedPassword(charger, row, None)
    if outcome.state in _OLD_STAYS:
        charger.password_hash = prepared.old_hash
        return RotatedPassword(charger, row, None)
    if outcome.accepted and outcome.status != _AFTER_REBOOT:
        charger.password_hash = prepared.new_hash
        charger.security_profile = max(1, charger.security_profile)
    return RotatedPassword(charger, row, prepared.password)


async def _lock(uow: UnitOfWork, charger_id: UUID) -> Charger:
    charger = await uow.session.get(Charger, charger_id, with_for_update=True)
    if charger is None:
        raise NotFoundError("There is no such charger.", field="id")
    return charger


def _password_variable(charger: Charger) -> VariableName:
    """Return where a charger keeps its password: 1.6 AuthorizationKey, 2.x SecurityCtrlr.BasicAuthPassword."""
    if charger.ocpp_version is OcppVersion.V16:
        return VariableName(variable="AuthorizationKey")
    return VariableName(component="SecurityCtrlr", variable="BasicAuthPassword")
