"""Whether a driver could pay for a charge that begins now: a usable card and no open debt, told from our own rows."""

from uuid import UUID

from sqlalchemy import exists, select

from app.db.uow import UnitOfWork
from payments.tables import Debt, DebtState, PaymentMethod


class StoredStanding:
    """Fulfils `app.domain.ports.PaymentStanding`; works with the bridge's narrow rights too."""

    async def may_charge(self, uow: UnitOfWork, driver_id: UUID) -> bool:
        """Return whether the driver has a saved card and no open debt."""
        has_card = exists().where(PaymentMethod.driver_id == driver_id, PaymentMethod.removed_at.is_(None))
        has_debt = exists().where(Debt.driver_id == driver_id, Debt.state == DebtState.OPEN)
        return bool(await uow.session.scalar(select(has_card & ~has_debt)))
