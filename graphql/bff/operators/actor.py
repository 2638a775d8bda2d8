"""Who an admin mutation is made by, for its audit entry."""

from app.domain.operators.actor import AdminActor
from app.domain.operators.tables import Operator
from app.kit.errors import NotSignedInError
from bff.context import Info


async def acting(info: Info) -> AdminActor:
    """Return the signed-in operator; only for fields that `OperatorField` guards."""
    context = info.context
    async with context.services.database.read(context.tenant_id) as session:
        operator = await session.get(Operator, context.caller.subject_id)
    if operator is None:
        raise NotSignedInError("Please sign in.")
    return AdminActor(operator.email, operator.id, context.request_id)
