"""A driver's charge through the app's own documents, looked at in the stored rows."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.domain.charging.states import SessionState, StartMethod, StopReason
from app.domain.charging.tables import ChargingSession
from bff.ids import global_id, split_id
from payments.errors import NoPaymentMethodError
from tests.fakes.payments import AUTHORISED, DECLINED, REQUIRES_ACTION
from tests.integration.bff.api import Api


async def _sessions(api: Api) -> int:
    async with api.world.app.read(api.world.tenant.id) as db:
        return await db.scalar(select(func.count()).select_from(ChargingSession)) or 0


def _row_id(payload: dict[str, str]) -> UUID:
    return split_id(payload["id"])[1]


async def test_from_sign_up_to_a_session_that_charges_and_stops(api: Api) -> None:
    driver_id, token = await api.sign_up()
    quote = (await api.run("Quote", input={"evseId": api.evse_id, "energyWh": "20000"})).data["quote"]
    payload = await api.start(token, quotedTariffHash=quote["tariff"]["hash"], maxCostMinor="4000")
    assert payload["userErrors"] == []
    assert payload["session"]["state"] == "PENDING_CHARGER"
    session_id = _row_id(payload["session"])
    row = await api.world.session(session_id)
    assert (row.driver_id, row.start_method, row.hold_minor) == (driver_id, StartMethod.APP, 4000)
    assert api.world.payments.calls["place_hold"] == 1

    await api.world.run_jobs()
    opened = await api.world.open(id_token=row.start_token, meter_start_wh=1000)
    await api.world.meter(opened.transaction_id, 6000, after=600)
    active = (await api.run("ActiveSession", token=token)).data["activeSession"]
    assert (active["state"], active["energyWh"]) == ("ACTIVE", "5000")
    assert active["runningCost"] == {"amountMinor": "295", "currency": "EUR", "formatted": "2,95\xa0€"}
    assert active["station"]["name"] == "Site of CP1"

    stop = await api.do(
        "StopCharging", "stopCharging", token=token, sessionId=payload["session"]["id"], idempotencyKey="stop-key-1"
    )
    assert (stop["userErrors"], stop["session"]["stopPending"]) == ([], True)
    row = await api.world.session(session_id)
    assert row.stop_requested_reason is StopReason.DRIVER

    listed = (await api.run("Sessions", token=token, first=10)).data["sessions"]
    assert [edge["node"]["id"] for edge in listed["edges"]] == [payload["session"]["id"]]
    detail = (await api.run("Session", token=token, id=payload["session"]["id"])).data["session"]
    assert detail["tariff"]["hash"] == quote["tariff"]["hash"]
    assert detail["limits"]["cost"]["amountMinor"] == "4000"


async def test_fifty_starts_with_one_key_are_one_session_and_one_hold(api: Api) -> None:
    _, token = await api.sign_up()
    payloads = await asyncio.gather(*(api.start(token) for _ in range(50)))
    assert {payload["session"]["id"] for payload in payloads} == {payloads[0]["session"]["id"]}
    assert [payload["userErrors"] for payload in payloads] == [[]] * 50
    assert await _sessions(api) == 1
    assert len(api.world.payments.holds) == 1
    assert [job for job, _ in await api.world.jobs()] == ["session.start_charger"]


async def test_a_key_with_other_input_is_a_conflict(api: Api) -> None:
    _, token = await api.sign_up()
    await api.start(token)
    again = await api.start(token, maxSoc=80)
    assert again["session"] is None
    assert again["userErrors"][0]["code"] == "IDEMPOTENCY_CONFLICT"
    assert await _sessions(api) == 1


async def test_errors_of_a_start_are_told_with_their_codes_and_leave_nothing(api: Api) -> None:
    _, token = await api.sign_up()
    wrong = await api.start(token, key="k-hash-0001", quotedTariffHash="0" * 64)
    assert wrong["userErrors"] == [
        {"field": "quotedTariffHash", "message": "the price has changed since it was quoted", "code": "PRICE_CHANGED"}
    ]
    bad = await api.start(token, key="k-soc-00001", maxSoc=101)
    assert (bad["userErrors"][0]["field"], bad["userErrors"][0]["code"]) == ("maxSoc", "INVALID_INPUT")
    api.world.payments.prepare_error = NoPaymentMethodError("no card")
    unpaid = await api.start(token, key="k-card-0001")
    assert unpaid["userErrors"][0]["code"] == "NO_PAYMENT_METHOD"
    short = await api.start(token, key="short")
    assert short["userErrors"][0]["field"] == "idempotencyKey"
    assert await _sessions(api) == 0


async def test_a_declined_card_is_a_session_that_failed(api: Api) -> None:
    _, token = await api.sign_up()
    api.world.payments.will(DECLINED)
    payload = await api.start(token)
    assert payload["session"]["failure"]["code"] == "CARD_DECLINED"
    assert payload["session"]["failure"]["message"].startswith("Die Karte wurde abgelehnt")
    assert await api.world.state(_row_id(payload["session"])) is SessionState.FAILED


async def test_authentication_then_confirmation(api: Api) -> None:
    _, token = await api.sign_up()
    api.world.payments.will(REQUIRES_ACTION, REQUIRES_ACTION, AUTHORISED)
    payload = await api.start(token)
    assert (payload["session"]["state"], payload["clientSecret"]) == ("PENDING_ACTION", "pi_1_secret_2")
    session_id = payload["session"]["id"]
    waiting = await api.do("ConfirmPayment", "confirmPayment", token=token, sessionId=session_id)
    assert (waiting["session"]["state"], waiting["clientSecret"]) == ("PENDING_ACTION", "pi_1_secret_2")
    confirmed = await api.do("ConfirmPayment", "confirmPayment", token=token, sessionId=session_id)
    assert (confirmed["session"]["state"], confirmed["clientSecret"]) == ("PENDING_CHARGER", None)
    assert await api.world.state(_row_id(payload["session"])) is SessionState.PENDING_CHARGER


async def test_a_guest_charges_without_an_account(api: Api) -> None:
    guest = await api.do("CreateGuest", "createGuest", locale="en")
    payload = await api.start(guest["accessToken"])
    row = await api.world.session(_row_id(payload["session"]))
    assert row.driver_id is not None
    assert (row.start_method, global_id("Driver", row.driver_id)) == (StartMethod.GUEST, guest["driver"]["id"])


async def test_reserving_and_cancelling(api: Api) -> None:
    driver_id, token = await api.sign_up()
    made = await api.do(
        "ReserveEvse", "reserveEvse", token=token, evseId=api.evse_id, minutes=20, idempotencyKey="reserve-1"
    )
    again = await api.do(
        "ReserveEvse", "reserveEvse", token=token, evseId=api.evse_id, minutes=20, idempotencyKey="reserve-1"
    )
    assert made == again
    reservation = made["reservation"]
    row = await api.world.reservation(_row_id(reservation))
    assert (row.driver_id, row.evse_id) == (driver_id, api.world.net.evse)
    active = (await api.run("ActiveReservation", token=token)).data["activeReservation"]
    assert active["id"] == reservation["id"]
    _, other = await api.sign_up()
    taken = await api.do("ReserveEvse", "reserveEvse", token=other, evseId=api.evse_id, idempotencyKey="reserve-2")
    assert taken["userErrors"][0]["code"] == "EVSE_RESERVED"

    given = {"reservationId": reservation["id"], "idempotencyKey": "cancel-01"}
    stolen = await api.do("CancelReservation", "cancelReservation", token=other, **given)
    assert stolen["userErrors"][0]["code"] == "NOT_FOUND"
    done = await api.do("CancelReservation", "cancelReservation", token=token, **given)
    assert done["reservation"]["state"] == "CANCELLED"
    assert (await api.world.reservation(_row_id(reservation))).state.value == "CANCELLED"
    one = (await api.run("Reservation", token=token, id=reservation["id"])).data["reservation"]
    listed = (await api.run("Reservations", token=token, first=5)).data["reservations"]["edges"]
    assert one["id"] == listed[0]["node"]["id"]
    assert (await api.run("ActiveReservation", token=token)).data["activeReservation"] is None


@pytest.mark.parametrize("size", [0, 101])
async def test_a_page_has_one_to_a_hundred_nodes(api: Api, size: int) -> None:
    _, token = await api.sign_up()
    assert (await api.run("Sessions", token=token, first=size)).code == "INVALID_INPUT"


async def test_sessions_are_walked_by_keyset_while_new_ones_come(api: Api) -> None:
    driver_id, token = await api.sign_up()
    made = [await _ended_session(api, driver_id) for _ in range(7)]
    seen: list[str] = []
    after = None
    while True:
        page = (await api.run("Sessions", token=token, first=2, after=after)).data["sessions"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        await _ended_session(api, driver_id)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [global_id("Session", row) for row in reversed(made)]


async def _ended_session(api: Api, driver_id: UUID) -> UUID:
    async with api.world.app.unit_of_work(api.world.tenant.id) as uow:
        row = ChargingSession(
            state=SessionState.COMPLETED,
            start_method=StartMethod.APP,
            driver_id=driver_id,
            time_zone="Europe/Berlin",
            currency="EUR",
        )
        uow.session.add(row)
        await uow.session.flush()
        return row.id


async def test_a_page_of_sessions_takes_the_same_statements_however_long_it_is(api: Api, statements: list[str]) -> None:
    driver_id, token = await api.sign_up()
    counts = []
    for size in (3, 9):
        for _ in range(size):
            await _ended_session(api, driver_id)
        statements.clear()
        page = (await api.run("Sessions", token=token, first=size)).data["sessions"]
        assert len(page["edges"]) == size
        counts.append(len(statements))
    # The sessions; their receipts (none of these has a location).
    assert counts == [2, 2]


@pytest.mark.parametrize(
    ("name", "count"), [("Me", 1), ("ActiveSession", 6), ("ActiveReservation", 1), ("PaymentMethods", 1), ("Brand", 0)]
)
async def test_how_many_statements_a_document_takes(api: Api, statements: list[str], name: str, count: int) -> None:
    _, token = await api.sign_up()
    await api.start(token)
    statements.clear()
    assert (await api.run(name, token=token)).status == 200
    # A running session: the row, its payment, the EVSE's location, EVSEs with chargers, connectors; its station.
    assert len(statements) == count, statements
