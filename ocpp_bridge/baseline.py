"""The configuration every accepted charger is brought to: sample intervals, measurands, heartbeat, time-outs.

It is read first; what differs is set, with humbler values where a charger refuses; refusals are recorded with the
variable. A charger that refuses still charges: live fields are nullable.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from app.db.uow import Database, UnitOfWork
from app.domain.charging.commands import Command, CommandOutcome, GetVariables, SetVariable, VariableName
from app.domain.charging.tables import CommandState
from app.kit.clock import Clock
from ocpp_bridge.variables import ReportedVariable, store_wish

_log = structlog.get_logger(__name__)
_NAMES_A_CALL = 4  # small chargers refuse more (GetConfigurationMaxKeys, ItemsPerMessageGetVariables)

ENERGY = "Energy.Active.Import.Register"
MEASURANDS = (
    f"{ENERGY},Power.Active.Import,SoC",
    f"{ENERGY},Power.Active.Import",
    ENERGY,
)
"""From what we want to what we need."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A variable and the values to try, best first. `only_if_known`: leave a charger alone that does not have it."""

    name: VariableName
    values: tuple[str, ...]
    only_if_known: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """A connected charger as the baseline needs it: who it is, how to command it, what an answer says of variables."""

    tenant_id: UUID
    charger_id: UUID
    send: Callable[[Command], Awaitable[CommandOutcome]]
    reported: Callable[[Command, CommandOutcome], Sequence[ReportedVariable]]


async def bring_to_baseline(database: Database, clock: Clock, reach: Reach, wishes: Sequence[Wish]) -> None:
    """Read, then set what differs. Stops at the first call without an answer: the next boot tries again."""
    known: dict[VariableName, str | None] = {}
    for start in range(0, len(wishes), _NAMES_A_CALL):
        question = GetVariables(names=tuple(wish.name for wish in wishes[start : start + _NAMES_A_CALL]))
        outcome = await reach.send(question)
        if outcome.state in (CommandState.OFFLINE, CommandState.TIMED_OUT):
            return
        known |= {
            VariableName(component=v.component, variable=v.variable): v.value for v in reach.reported(question, outcome)
        }
    for wish in wishes:
        if not await _grant(database, clock, reach, wish, known):
            return


async def _grant(
    database: Database, clock: Clock, reach: Reach, wish: Wish, known: Mapping[VariableName, str | None]
) -> bool:
    """Set one variable; return False where the charger went silent."""
    if wish.only_if_known and wish.name not in known:
        return True
    if known.get(wish.name) == wish.values[0]:
        await _record(database, clock, reach, wish, wish.values[0], None)
        return True
    for value in wish.values:
        outcome = await reach.send(SetVariable(name=wish.name, value=value))
        if outcome.state in (CommandState.OFFLINE, CommandState.TIMED_OUT):
            return False
        refusal = None if outcome.accepted else (outcome.status or outcome.detail or outcome.state.value)[:60]
        await _record(database, clock, reach, wish, value, refusal)
        if refusal is None:
            return True
        _log.info(
            "ocpp.configuration_refused", charger=str(reach.charger_id), variable=wish.name.variable, word=refusal
        )
    return True


async def _record(database: Database, clock: Clock, reach: Reach, wish: Wish, value: str, refusal: str | None) -> None:
    variable = ReportedVariable(wish.name.component, wish.name.variable, value)

    async def work(uow: UnitOfWork) -> None:
        await store_wish(uow, reach.charger_id, variable, refusal=refusal, at=clock.now())

    await database.transact(reach.tenant_id, work)
