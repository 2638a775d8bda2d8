"""The domain's `Payments` port over Stripe: each method is a use case of its own module."""

from uuid import UUID

from app.db.uow import UnitOfWork
from app.domain.ports import HoldResult
from app.kit.money import Money
from payments import hold_place, hold_prepare, release, settle
from payments.deps import PaymentDeps


class SessionPayments:
    """The payment of a session: one hold, then one capture or release (fulfils `app.domain.ports.Payments`)."""

    def __init__(self, deps: PaymentDeps) -> None:
        self._deps = deps

    async def prepare_hold(
        self,
        uow: UnitOfWork,
        *,
        session_id: UUID,
        driver_id: UUID,
        amount: Money,
        payment_method_id: UUID | None,
    ) -> None:
        """Create the session's payment row. Raises UserError: NO_PAYMENT_METHOD, OPEN_DEBT, NOT_FOUND."""
        await hold_prepare.prepare_hold(
            uow,
            self._deps.clock,
            session_id=session_id,
            driver_id=driver_id,
            amount=amount,
            payment_method_id=payment_method_id,
        )

    async def place_hold(self, tenant_id: UUID, session_id: UUID, *, off_session: bool = False) -> HoldResult:
        """Hold the prepared amount; the same call again returns the same hold."""
        return await hold_place.place_hold(self._deps, tenant_id, session_id, off_session=off_session)

    async def read_hold(self, tenant_id: UUID, session_id: UUID) -> HoldResult:
        """Read the hold anew from the processor and store what it says."""
        return await hold_place.read_hold(self._deps, tenant_id, session_id)

    async def release(self, tenant_id: UUID, session_id: UUID) -> None:
        """Give the whole hold back. Raises ProcessorError where the processor did not confirm it: repeat."""
        await release.release(self._deps, tenant_id, session_id)

    async def settle(self, tenant_id: UUID, session_id: UUID) -> str:
        """Book the session's rating, capture, issue the receipt; what cannot be taken becomes debt. Idempotent.

        Returns the receipt's number, empty where there was neither energy nor a price. Raises ProcessorError or
        CaptureRefusedError (repeat) and SettlementBlockedError (an operator decides).
        """
        return await settle.settle(self._deps, tenant_id, session_id)
