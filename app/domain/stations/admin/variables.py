"""A charger's configuration as it last reported it, for operators to read; the values of secrets are left out.

The OCPP bridge writes the table. It is read here by its columns, for the domain does not import the bridge.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, String, Uuid, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.logging import REDACTED

_SECRET_WORDS = ("password", "authorizationkey", "secret")
_VALUES = ("value", "wanted")
_PLAIN = ("component", "variable", "attribute", "readonly", "refusal", "reported_at")
_variables = table(
    "charger_variables",
    column("charger_id", Uuid()),
    column("component", String()),
    column("variable", String()),
    column("attribute", String()),
    column("value", String()),
    column("readonly", Boolean()),
    column("wanted", String()),
    column("refusal", String()),
    column("reported_at", DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class ReportedVariable:
    """A 1.6 configuration key (component empty) or a 2.x component variable; `wanted` is what we asked for."""

    component: str
    variable: str
    attribute: str
    value: str | None
    readonly: bool | None
    wanted: str | None
    refusal: str | None
    reported_at: datetime


async def variables_of(session: AsyncSession, charger_ids: Sequence[UUID]) -> dict[UUID, list[ReportedVariable]]:
    """Return the variables of chargers, by component and name."""
    columns = _variables.c
    query = (
        select(_variables)
        .where(columns.charger_id.in_(charger_ids))
        .order_by(columns.component, columns.variable, columns.attribute)
    )
    found: dict[UUID, list[ReportedVariable]] = defaultdict(list)
    for row in (await session.execute(query)).mappings():
        secret = any(word in row["variable"].lower() for word in _SECRET_WORDS)
        shown: dict[str, Any] = {name: REDACTED if secret and row[name] else row[name] for name in _VALUES}
        plain: dict[str, Any] = {name: row[name] for name in _PLAIN}
        found[row["charger_id"]].append(ReportedVariable(**plain, **shown))
    return found
