"""The API over a charging world, with an operator of each role signed in."""

from collections.abc import Iterator

import pytest

from app.domain.operators.tables import OperatorRole
from payments.stripe.double.process import StripeDoubleProcess
from tests.integration.bff import conftest as bff
from tests.integration.bff.api import Api
from tests.integration.operators.office import Office

world = bff.world
live = bff.live
api = bff.api
stripe_admin = bff.stripe_admin
paying_api = bff.paying_api


@pytest.fixture(scope="package")
def double() -> Iterator[StripeDoubleProcess]:
    """The Stripe double, one process for all tests here."""
    with StripeDoubleProcess() as process:
        yield process


@pytest.fixture
async def office(api: Api) -> Office:
    """The owner's desk; payments are a recording fake."""
    return Office(api, await api.operator(OperatorRole.OWNER))


@pytest.fixture
async def paying_office(paying_api: Api) -> Office:
    """The owner's desk with payments through the real library and the double."""
    return Office(paying_api, await paying_api.operator(OperatorRole.OWNER))
