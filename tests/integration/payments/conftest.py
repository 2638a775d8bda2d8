"""The payment world: a real database, the real stripe library, the real double."""

from collections.abc import AsyncIterator, Iterator

import pytest

from app.db.tables import Tenant
from app.db.uow import Database
from app.kit.clock import SystemClock
from payments.deps import PaymentDeps
from payments.stripe.client import StripeGateway
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.stripe.double.process import StripeDoubleProcess
from tests.fakes.clock import FrozenClock
from tests.integration.payments.world import World


@pytest.fixture(scope="package")
def double() -> Iterator[StripeDoubleProcess]:
    """The Stripe double, one process for all tests here."""
    with StripeDoubleProcess() as process:
        yield process


@pytest.fixture
async def world(app_db: Database, tenant: Tenant, double: StripeDoubleProcess) -> AsyncIterator[World]:
    """A brand's payments over an empty double. The clock stands at the machine's time, which the double keeps."""
    clock = FrozenClock(SystemClock().now())
    async with (
        StripeDoubleAdmin(double.url) as admin,
        StripeGateway("sk_test_voltlane", api_base=double.url, timeout_s=2) as gateway,
    ):
        await admin.reset()
        yield World(PaymentDeps(app_db, gateway, clock), admin, tenant.id, clock)
