"""Configuration as chargers report it, and what became of our own wishes, as rows of `charger_variables`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from app.kit.ids import new_id
from ocpp_bridge.tables import ChargerVariable

_KEY = ["charger_id", "component", "variable", "attribute"]
_SECRET = frozenset({"authorizationkey", "basicauthpassword"})
_ROWS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class ReportedVariable:
    """A configuration key (component empty) or a component's variable, as the charger says it is."""

    component: str
    variable: str
    value: str | None
    readonly: bool | None = None
    attribute: str = "Actual"


async def store_reported(
    uow: UnitOfWork, charger_id: UUID, variables: Sequence[ReportedVariable], at: datetime
) -> None:
    """Insert or renew reported values; keys and passwords are never stored."""
    by_key = {(v.component, v.variable, v.attribute): v for v in variables}
    rows = [
        {
            "id": new_id(),
            "tenant_id": uow.tenant_id,
            "charger_id": charger_id,
            "component": variable.component,
            "variable": variable.variable,
            "attribute": variable.attribute,
            "value": None if variable.variable.lower() in _SECRET else variable.value,
            "readonly": variable.readonly,
            "reported_at": at,
        }
        for variable in by_key.values()
    ]
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        statement = insert(ChargerVariable).values(rows[start : start + _ROWS_A_STATEMENT])
        new = statement.excluded
        await uow.session.execute(
            statement.on_conflict_do_update(
                index_elements=_KEY,
                set_={"value": new.value, "readonly": new.readonly, "reported_at": new.reported_at},
            )
        )


async def store_wish(
    uow: UnitOfWork, charger_id: UUID, variable: ReportedVariable, *, refusal: str | None, at: datetime
) -> None:
    """Note the value we asked for (`variable.value`); `refusal` is the charger's word where it did not take it."""
    secret = variable.variable.lower() in _SECRET
    wanted = None if secret else variable.value
    values = {
        "id": new_id(),
        "tenant_id": uow.tenant_id,
        "charger_id": charger_id,
        "component": variable.component,
        "variable": variable.variable,
        "attribute": variable.attribute,
        "value": wanted if refusal is None else None,
        "wanted": wanted,
        "refusal": refusal,
        "reported_at": at,
    }
    statement = insert(ChargerVariable).values(values)
    changed = {"wanted": statement.excluded.wanted, "refusal": statement.excluded.refusal}
    if refusal is None:
        changed |= {"value": statement.excluded.value, "reported_at": statement.excluded.reported_at}
    await uow.session.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=changed))
