"""Who a call comes from, as its access token says: the same for drivers, guests and operators.

A principal is a claim that held when the token was signed. Before something with lasting effect is done for it, the
database is asked whether its sign-in still stands (`app.domain.drivers.families.principal_is_live`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.operators.tables import OperatorRole


class PrincipalKind(StrEnum):
    """What kind of caller it is."""

    DRIVER = "DRIVER"
    GUEST = "GUEST"
    OPERATOR = "OPERATOR"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller. `role` is set for operators only; `family_id` is the device's sign-in, None for guests."""

    kind: PrincipalKind
    tenant_id: UUID
    subject_id: UUID
    role: OperatorRole | None
    family_id: UUID | None
    expires_at: datetime
