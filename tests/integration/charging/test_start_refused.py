"""Starts that are refused before anything is held: a typed error, and no trace in the database."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.charging.errors import (
    ChargerOfflineError,
    EvseOccupiedError,
    EvseUnavailableError,
)
from app.domain.charging.start_charging import PriceChangedError
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.pricing.store import NoTariffError
from app.domain.pricing.tables import TariffRow
from app.domain.stations.connection import mark_disconnected
from app.domain.stations.states import EvseStatus, RegistrationStatus
from app.domain.stations.tables import Charger, Evse
from app.kit.errors import InvalidInputError, NotFoundError, UserError
from app.kit.ids import new_id
from payments.errors import NoPaymentMethodError
from tests.factories.network import a_tariff, publish
from tests.factories.world import World


@pytest.mark.parametrize(
    ("model", "values", "error"),
    [
        (Evse, {"status": EvseStatus.FAULTED}, EvseUnavailableError),
        (Evse, {"status": EvseStatus.UNKNOWN}, EvseUnavailableError),
        (Evse, {"status": EvseStatus.CHARGING}, EvseOccupiedError),
        (Evse, {"operative": False}, EvseUnavailableError),
        (Evse, {"ocpp_evse_no": None}, EvseUnavailableError),
        (Charger, {"operative": False}, EvseUnavailableError),
        (Charger, {"registration": RegistrationStatus.PENDING}, EvseUnavailableError),
        (Charger, {"connected": False}, ChargerOfflineError),
        (TariffRow, {"archived_at": "now"}, NoTariffError),
    ],
)
async def test_what_cannot_start_leaves_no_trace(
    world: World, model: type[Any], values: dict[str, object], error: type[UserError]
) -> None:
    ids: dict[type[Any], Any] = {
        Evse: world.net.evse,
        Charger: world.net.charger_id,
        TariffRow: world.net.tariff_id,
    }
    row = ids[model]
    assert row is not None
    values = {name: world.clock.now() if value == "now" else value for name, value in values.items()}
    await world.change(model, row, **values)
    with pytest.raises(error):
        await world.start(key="k")
    assert await world.rows(ChargingSession) == []
    assert world.payments.calls["prepare_hold"] == 0


async def test_without_a_card_nothing_is_left_behind(world: World) -> None:
    world.payments.prepare_error = NoPaymentMethodError("no card is saved")
    with pytest.raises(NoPaymentMethodError):
        await world.start(key="k")
    assert await world.rows(ChargingSession) == []
    world.payments.prepare_error = None
    assert await world.start(key="k")


async def test_a_price_that_changed_since_the_quote_is_refused(world: World) -> None:
    tariff = await world.row(TariffRow, world.net.tariff_id)  # type: ignore[arg-type]
    quoted = tariff.content_hash
    await publish(world.app, world.tenant, a_tariff(energy_per_kwh=Decimal("0.69")), tariff_id=tariff.id)
    with pytest.raises(PriceChangedError):
        await world.start(quoted_tariff_hash=quoted)
    assert await world.rows(ChargingSession) == []


async def test_the_price_is_frozen_at_the_start(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    dearer = a_tariff(energy_per_kwh=Decimal("0.99"))
    await publish(world.app, world.tenant, dearer, tariff_id=world.net.tariff_id)
    world.clock.advance(seconds=300)
    await world.end(transaction_id, meter_stop_wh=1000, unplugged=True)
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == 59


async def test_unknown_places_and_impossible_limits_are_refused(world: World) -> None:
    with pytest.raises(NotFoundError):
        await world.start(evse=new_id())
    with pytest.raises(NotFoundError):
        await world.start(connector_id=world.net.connectors[1])
    limits: tuple[dict[str, Any], ...] = (
        {"max_energy_wh": 0},
        {"max_cost_minor": -1},
        {"max_soc": 101},
        {"max_duration_seconds": 0},
    )
    for limit in limits:
        with pytest.raises(InvalidInputError):
            await world.start(**limit)
    assert await world.rows(ChargingSession) == []


async def test_a_disconnected_charger_refuses_new_starts(world: World) -> None:
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        charger = await uow.session.get_one(Charger, world.net.charger_id)
        await mark_disconnected(uow, world.clock, charger.id, generation=charger.generation)
    with pytest.raises(ChargerOfflineError):
        await world.start()


async def test_a_charger_that_booted_and_tells_no_status_is_asked(world: World) -> None:
    await world.change(Evse, world.net.evse, status=EvseStatus.UNKNOWN)
    with pytest.raises(EvseUnavailableError):
        await world.start()
    await world.boot()
    assert await world.state(await world.start()) is SessionState.PENDING_CHARGER
