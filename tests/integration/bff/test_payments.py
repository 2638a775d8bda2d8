"""Cards, debts and receipts through the app's documents, the real stripe library and the double."""

from io import BytesIO
from urllib.parse import urlsplit
from uuid import UUID

from pypdf import PdfReader
from sqlalchemy import select

from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.stations.states import EvseStatus
from app.kit.ids import new_id
from bff.ids import global_id, split_id
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.stripe.double.faults import Fault, FaultKind, Phase
from payments.tables import BillingDocument, Debt, DebtState, Payment, PaymentMethod, PaymentState
from tests.integration.bff.api import Api


async def _save_card(api: Api, token: str, card: str = "pm_card_visa") -> dict[str, object]:
    started = (await api.run("StartCardSetup", token=token)).data["startCardSetup"]
    assert started["userErrors"] == []
    intent_id = started["clientSecret"].split("_secret_")[0]
    gateway = api.services.payments.gateway
    await gateway.confirm_setup_intent(intent_id, card, idempotency_key=f"confirm:{intent_id}")
    done = await api.do("CompleteCardSetup", "completeCardSetup", token=token, setupId=started["setupId"])
    assert done["userErrors"] == []
    saved: dict[str, object] = done["paymentMethod"]
    return saved


async def _charged(api: Api, token: str) -> UUID:
    """Charge 5 kWh and let the bill be made; return the session."""
    session_id = split_id((await api.start(token, key=f"start-{new_id()}"))["session"]["id"])[1]
    world = api.world
    await world.run_jobs()
    row = await world.session(session_id)
    opened = await world.open(id_token=row.start_token, meter_start_wh=1000)
    await world.meter(opened.transaction_id, 6000, after=600)
    await world.end(opened.transaction_id, meter_stop_wh=6000)
    await world.report(EvseStatus.AVAILABLE)
    await world.run_jobs()
    assert await world.state(session_id) is SessionState.COMPLETED
    return session_id


async def test_cards_are_saved_chosen_and_removed(paying_api: Api) -> None:
    api = paying_api
    driver_id, token = await api.sign_up()
    first = await _save_card(api, token)
    second = await _save_card(api, token, "pm_card_mastercard")
    assert (first["brand"], first["isDefault"], second["isDefault"]) == ("visa", True, False)
    changed = await api.do(
        "SetDefaultPaymentMethod", "setDefaultPaymentMethod", token=token, paymentMethodId=second["id"]
    )
    assert [card["id"] for card in changed["paymentMethods"]] == [second["id"], first["id"]]
    left = await api.do("RemovePaymentMethod", "removePaymentMethod", token=token, paymentMethodId=second["id"])
    assert [card["id"] for card in left["paymentMethods"]] == [first["id"]]
    assert (await api.run("PaymentMethods", token=token)).data["paymentMethods"] == left["paymentMethods"]
    rows = await api.world.rows(PaymentMethod)
    assert [(row.driver_id, row.is_default, row.removed_at is None) for row in rows] == [
        (driver_id, True, True),
        (driver_id, False, False),
    ]


async def test_what_the_app_reports_of_a_setup_is_not_believed(paying_api: Api) -> None:
    _, token = await paying_api.sign_up()
    started = (await paying_api.run("StartCardSetup", token=token)).data["startCardSetup"]
    given = {"setupId": started["setupId"]}
    early = await paying_api.do("CompleteCardSetup", "completeCardSetup", token=token, **given)
    assert early["userErrors"][0]["code"] == "CARD_NOT_SAVED"
    _, other = await paying_api.sign_up()
    stolen = await paying_api.do("CompleteCardSetup", "completeCardSetup", token=other, **given)
    assert stolen["userErrors"][0]["code"] == "NOT_FOUND"
    assert await paying_api.world.rows(PaymentMethod) == []


async def test_a_silent_processor_is_told_and_can_be_asked_again(
    paying_api: Api, stripe_admin: StripeDoubleAdmin
) -> None:
    _, token = await paying_api.sign_up()
    await stripe_admin.inject(
        Fault(kind=FaultKind.ERROR, phase=Phase.BEFORE, path="/v1/customers", status=503, count=9)
    )
    answer = (await paying_api.run("StartCardSetup", token=token)).data["startCardSetup"]
    assert (answer["setupId"], answer["userErrors"][0]["code"]) == (None, "PAYMENT_UNAVAILABLE")
    await stripe_admin.clear_faults()
    assert (await _save_card(paying_api, token))["brand"] == "visa"


async def test_the_receipt_agrees_with_the_books_and_opens_as_pdf(paying_api: Api) -> None:
    api = paying_api
    _, token = await api.sign_up()
    await _save_card(api, token)
    session_id = await _charged(api, token)
    receipt = (await api.run("Receipt", token=token, sessionId=global_id("Session", session_id))).data["receipt"]
    [document] = await api.world.rows(BillingDocument)
    [payment] = await api.world.rows(Payment)
    assert receipt["number"] == document.number
    assert int(receipt["gross"]["amountMinor"]) == document.gross_minor == payment.captured_minor == 295
    assert int(receipt["net"]["amountMinor"]) + int(receipt["vatTotal"]["amountMinor"]) == 295
    assert (receipt["energyWh"], receipt["lines"][0]["unitPrice"]) == ("5000", "0.59")
    assert sum(int(line["gross"]["amountMinor"]) for line in receipt["lines"]) == 295

    link = urlsplit(receipt["pdfUrl"])
    for target, headers in (
        (f"{link.path}?{link.query}", {}),
        (f"/receipts/{receipt['id']}.pdf", {"authorization": f"Bearer {token}"}),
        (f"/receipts/{receipt['sessionId']}.pdf", {"authorization": f"Bearer {token}"}),
    ):
        response = await api.client.get(target, headers=headers)
        assert (response.status_code, response.headers["content-type"]) == (200, "application/pdf")
        assert document.number in PdfReader(BytesIO(response.content)).pages[0].extract_text()
    detail = (await api.run("Session", token=token, id=receipt["sessionId"])).data["session"]
    assert (detail["payment"]["state"], detail["receipt"]["id"]) == ("CAPTURED", receipt["id"])


async def test_a_receipt_opens_for_its_driver_only_and_a_link_ends(paying_api: Api) -> None:
    api = paying_api
    _, token = await api.sign_up()
    await _save_card(api, token)
    session_id = await _charged(api, token)
    node = global_id("Session", session_id)
    receipt = (await api.run("Receipt", token=token, sessionId=node)).data["receipt"]
    path = f"/receipts/{receipt['id']}.pdf"
    _, other = await api.sign_up()
    assert (await api.client.get(path)).status_code == 401
    assert (await api.client.get(path, headers={"authorization": f"Bearer {other}"})).status_code == 404
    assert (await api.run("Receipt", token=other, sessionId=node)).code == "NOT_FOUND"
    assert (await api.run("Node", token=other, id=receipt["id"])).code == "NOT_FOUND"
    assert (await api.run("Node", token=token, id=receipt["id"])).data["node"]["number"] == receipt["number"]
    link = urlsplit(receipt["pdfUrl"])
    forged = link.query[:-1] + ("A" if link.query[-1] != "A" else "B")
    for target in (f"{path}?{forged}", f"{path}?token=x", f"/receipts/{node}.pdf?{link.query}", "/receipts/x.pdf"):
        assert (await api.client.get(target)).status_code == 404
    api.world.clock.advance(minutes=16)
    assert (await api.client.get(f"{path}?{link.query}")).status_code == 404


async def test_a_debt_is_paid_by_its_driver_once(paying_api: Api) -> None:
    api = paying_api
    driver_id, token = await api.sign_up()
    await _save_card(api, token)
    session_id = await _charged(api, token)
    debt_id = await _owe(api, driver_id, session_id)
    [debt] = (await api.run("Debts", token=token)).data["debts"]
    assert (debt["id"], debt["amount"]["amountMinor"]) == (global_id("Debt", debt_id), "295")
    blocked = await api.start(token, key="while-owing")
    assert blocked["userErrors"][0]["code"] == "OPEN_DEBT"
    _, other = await api.sign_up()
    given = {"debtId": debt["id"], "idempotencyKey": "pay-key-1"}
    stolen = await api.do("PayDebt", "payDebt", token=other, **given)
    assert stolen["userErrors"][0]["code"] == "NOT_FOUND"
    for _ in range(2):
        paid = await api.do("PayDebt", "payDebt", token=token, **given)
        assert (paid["userErrors"], paid["debt"]["state"]) == ([], "PAID")
    conflict = await api.do(
        "PayDebt", "payDebt", token=token, **given, paymentMethodId=global_id("PaymentMethod", driver_id)
    )
    assert conflict["userErrors"][0]["code"] == "IDEMPOTENCY_CONFLICT"
    [row] = await api.world.rows(Debt)
    assert row.state is DebtState.PAID
    assert (await api.run("Debts", token=token)).data["debts"] == []


async def _owe(api: Api, driver_id: UUID, session_id: UUID) -> UUID:
    """Leave the session's bill unpaid, as after a capture that failed."""
    async with api.world.app.unit_of_work(api.world.tenant.id) as uow:
        session = await uow.session.get_one(ChargingSession, session_id)
        payment = await uow.session.scalar(select(Payment).where(Payment.session_id == session.id))
        assert payment is not None
        payment.state = PaymentState.DEBT
        debt = Debt(driver_id=driver_id, session_id=session_id, amount_minor=295, currency="EUR", state=DebtState.OPEN)
        uow.session.add(debt)
        await uow.session.flush()
        return debt.id


async def test_a_card_that_wants_authentication_is_finished_by_the_driver(
    paying_api: Api, stripe_admin: StripeDoubleAdmin
) -> None:
    api = paying_api
    _, token = await api.sign_up()
    started = (await api.run("StartCardSetup", token=token)).data["startCardSetup"]
    intent_id = started["clientSecret"].split("_secret_")[0]
    gateway = api.services.payments.gateway
    await gateway.confirm_setup_intent(intent_id, "pm_card_authenticationRequired", idempotency_key="c1")
    await stripe_admin.authenticate(intent_id)
    done = await api.do("CompleteCardSetup", "completeCardSetup", token=token, setupId=started["setupId"])
    assert done["userErrors"] == []
    payload = await api.start(token)
    assert payload["session"]["state"] == "PENDING_ACTION"
    active = (await api.run("ActiveSession", token=token)).data["activeSession"]
    assert active["payment"]["clientSecret"] == payload["clientSecret"]
    await stripe_admin.authenticate(payload["clientSecret"].split("_secret_")[0])
    confirmed = await api.do("ConfirmPayment", "confirmPayment", token=token, sessionId=payload["session"]["id"])
    assert confirmed["session"]["state"] == "PENDING_CHARGER"
    [payment] = await api.world.rows(Payment)
    assert payment.state is PaymentState.AUTHORISED
