"""Payments in memory: holds, releases and settlements are recorded and answered as a test scripted it.

Like the real ones they are idempotent by session: however often a hold is placed, one hold exists.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from uuid import UUID

from app.db.uow import UnitOfWork
from app.domain.ports import HoldResult, HoldStatus
from app.kit.errors import UserError
from app.kit.money import Money

AUTHORISED = HoldResult(HoldStatus.AUTHORISED)
REQUIRES_ACTION = HoldResult(HoldStatus.REQUIRES_ACTION, client_secret="pi_1_secret_2")
DECLINED = HoldResult(HoldStatus.DECLINED, failure_code="insufficient_funds")
CANCELLED = HoldResult(HoldStatus.CANCELLED)
UNKNOWN = HoldResult(HoldStatus.UNKNOWN)

_FINAL = frozenset({HoldStatus.AUTHORISED, HoldStatus.DECLINED, HoldStatus.CANCELLED})


@dataclass
class Hold:
    """A hold as the processor would keep it."""

    amount: Money
    driver_id: UUID
    result: HoldResult | None = None
    off_session: bool = False


@dataclass
class FakePayments:
    """Holds by session; `results` is what the processor will say next, then `default`."""

    default: HoldResult = AUTHORISED
    results: deque[HoldResult | Exception] = field(default_factory=deque)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    released: list[UUID] = field(default_factory=list)
    settled: list[UUID] = field(default_factory=list)
    prepare_error: UserError | None = None
    settle_error: Exception | None = None
    calls: Counter[str] = field(default_factory=Counter)

    def will(self, *results: HoldResult | Exception) -> None:
        """Let the processor answer the next holds and reads so."""
        self.results.extend(results)

    async def prepare_hold(
        self,
        uow: UnitOfWork,
        *,
        session_id: UUID,
        driver_id: UUID,
        amount: Money,
        payment_method_id: UUID | None,
    ) -> None:
        """Note the amount; raise `prepare_error` where one is set."""
        self.calls["prepare_hold"] += 1
        if self.prepare_error is not None:
            raise self.prepare_error
        self.holds[session_id] = Hold(amount, driver_id)

    async def place_hold(self, tenant_id: UUID, session_id: UUID, *, off_session: bool = False) -> HoldResult:
        """Return the session's one hold; ask the script while it has no final result."""
        self.calls["place_hold"] += 1
        hold = self.holds[session_id]
        hold.off_session = off_session
        return self._answer(hold)

    async def read_hold(self, tenant_id: UUID, session_id: UUID) -> HoldResult:
        """Return what the processor says now."""
        self.calls["read_hold"] += 1
        return self._answer(self.holds[session_id])

    async def release(self, tenant_id: UUID, session_id: UUID) -> None:
        """Give the hold back."""
        self.calls["release"] += 1
        if session_id in self.holds:
            self.holds[session_id].result = CANCELLED
        if session_id not in self.released:
            self.released.append(session_id)

    async def settle(self, tenant_id: UUID, session_id: UUID) -> str:
        """Settle a session; the same session again returns the same receipt."""
        self.calls["settle"] += 1
        if self.settle_error is not None:
            raise self.settle_error
        if session_id not in self.settled:
            self.settled.append(session_id)
        return f"R-{self.settled.index(session_id) + 1}"

    def _answer(self, hold: Hold) -> HoldResult:
        if hold.result is not None and hold.result.status in _FINAL:
            return hold.result
        result = self.results.popleft() if self.results else self.default
        if isinstance(result, Exception):
            raise result
        hold.result = result
        return result
