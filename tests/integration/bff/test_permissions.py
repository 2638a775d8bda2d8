"""Who may do what: every refused call leaves nothing behind and tells nothing.

The matrix calls each field of the app as nobody, as another driver, as a driver of another brand, as an operator, and
as a caller whose sign-in has ended; then the rows are compared with what they were.
"""

from typing import Any

import pytest
from sqlalchemy import text

from app.db.tables import Tenant
from app.domain.drivers.tables import Driver
from app.domain.operators.tables import OperatorRole
from bff.ids import global_id
from notifications.tables import Device, Platform
from payments.tables import Debt, DebtState, PaymentMethod
from tests.integration.bff.api import Api

CHANGING = {
    "StartCharging": {"evseId": "@evse", "idempotencyKey": "matrix-start"},
    "StopCharging": {"sessionId": "@session", "idempotencyKey": "matrix-stop"},
    "ConfirmPayment": {"sessionId": "@session"},
    "ReserveEvse": {"evseId": "@free", "idempotencyKey": "matrix-reserve"},
    "CancelReservation": {"reservationId": "@reservation", "idempotencyKey": "matrix-cancel"},
    "PayDebt": {"debtId": "@debt", "idempotencyKey": "matrix-pay"},
    "StartCardSetup": None,
    "CompleteCardSetup": {"setupId": "@setup"},
    "SetDefaultPaymentMethod": {"paymentMethodId": "@card"},
    "RemovePaymentMethod": {"paymentMethodId": "@card"},
    "RegisterDevice": {"token": "matrix-device", "platform": "IOS"},
    "UnregisterDevice": {"token": "owner-device"},
    "SetNotificationPreference": {"kind": "CHARGING_STARTED", "enabled": False},
    "UpdateProfile": {"name": "Mallory"},
    "ChangePassword": {"currentPassword": "x" * 12, "newPassword": "y" * 12},
    "RequestEmailVerification": None,
    "SignOut": {"allDevices": True},
}
OF_THE_OWNER = (
    "StopCharging",
    "ConfirmPayment",
    "CancelReservation",
    "PayDebt",
    "CompleteCardSetup",
    "SetDefaultPaymentMethod",
    "RemovePaymentMethod",
    "UnregisterDevice",
)
READING: dict[str, dict[str, Any]] = {
    "Me": {},
    "ActiveSession": {},
    "Session": {"id": "@session"},
    "Sessions": {"first": 5},
    "Receipt": {"sessionId": "@session"},
    "ActiveReservation": {},
    "Reservation": {"id": "@reservation"},
    "Reservations": {"first": 5},
    "PaymentMethods": {},
    "Debts": {},
    "Devices": {},
    "NotificationPreferences": {},
}
FOREIGN = (
    ("Session", {"id": "@session"}),
    ("Receipt", {"sessionId": "@session"}),
    ("Reservation", {"id": "@reservation"}),
    ("Node", {"id": "@session"}),
    ("Node", {"id": "@reservation"}),
    ("Node", {"id": "@card"}),
    ("Node", {"id": "@debt"}),
    ("Node", {"id": "@owner"}),
    ("Node", {"id": "@device"}),
)
_TABLES = (
    "charging_sessions",
    "reservations",
    "payment_methods",
    "debts",
    "devices",
    "notification_preferences",
    "drivers",
    "refresh_tokens",
    "one_time_tokens",
    "card_setups",
    "events",
    "pgqueuer",
)


class Scene:
    """An owner with one of everything."""

    def __init__(self, api: Api, token: str, ids: dict[str, str]) -> None:
        self.api = api
        self.token = token
        self.ids = ids

    def fill(self, given: dict[str, Any] | None) -> dict[str, Any]:
        """Put the owner's ids in."""
        return {
            name: self.ids[value[1:]] if isinstance(value, str) and value.startswith("@") else value
            for name, value in (given or {}).items()
        }

    async def change(self, name: str, token: str | None) -> dict[str, Any]:
        """Execute a mutation as somebody; return the body."""
        given = CHANGING[name]
        variables: dict[str, Any] = {"input": self.fill(given)} if given is not None else {}
        return (await self.api.run(name, token=token, **variables)).body

    async def rows(self) -> dict[str, list[Any]]:
        """Return everything that must not change."""
        found = {}
        for brand in await self._brands():
            async with self.api.world.app.read(brand) as db:
                for table in _TABLES:
                    rows = await db.execute(text(f"select t::text from {table} t order by 1"))
                    found[f"{brand}:{table}"] = [row[0] for row in rows]
        return found

    async def _brands(self) -> list[Any]:
        async with self.api.world.app.read(None) as db:
            return [row[0] for row in await db.execute(text("select id from tenants order by 1"))]


@pytest.fixture
async def scene(other_tenant: Tenant, api: Api) -> Scene:
    """An owner with a running session, a reservation, a card, a debt and a device."""
    owner, token = await api.sign_up("owner@example.com")
    session = (await api.start(token, key="owner-start"))["session"]["id"]
    free = global_id("Evse", api.world.net.evses[1])
    reserved = await api.do("ReserveEvse", "reserveEvse", token=token, evseId=free, idempotencyKey="owner-reserve")
    other = await api.world.another_charger()
    async with api.world.app.unit_of_work(api.world.tenant.id) as uow:
        card = PaymentMethod(
            driver_id=owner,
            processor_id="pm_1",
            brand="visa",
            last4="4242",
            exp_month=1,
            exp_year=2031,
            is_default=True,
        )
        debt = Debt(
            driver_id=owner,
            session_id=api.world.payments.holds.copy().popitem()[0],
            amount_minor=100,
            currency="EUR",
            state=DebtState.OPEN,
        )
        device = Device(
            driver_id=owner,
            token="owner-device",
            token_hash="0" * 64,
            platform=Platform.IOS,
            locale="de",
            last_seen_at=api.world.clock.now(),
        )
        uow.session.add_all([card, debt, device])
        await uow.session.flush()
    ids = {
        "owner": global_id("Driver", owner),
        "session": session,
        "reservation": reserved["reservation"]["id"],
        "card": global_id("PaymentMethod", card.id),
        "debt": global_id("Debt", debt.id),
        "device": global_id("Device", device.id),
        "setup": global_id("CardSetup", owner),
        "evse": global_id("Evse", other.evse),
        "free": global_id("Evse", other.evse),
    }
    return Scene(api, token, ids)


def _codes(body: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in body["errors"]}


@pytest.mark.parametrize("role", list(OperatorRole))
async def test_operators_are_no_drivers(scene: Scene, role: OperatorRole) -> None:
    token = await scene.api.operator(role)
    before = await scene.rows()
    for name in CHANGING:
        if name != "SignOut":
            assert _codes(await scene.change(name, token)) == {"NOT_ALLOWED"}, name
    for name, given in READING.items():
        answer = await scene.api.run(name, token=token, **scene.fill(given))
        assert (_codes(answer.body), any((answer.body["data"] or {}).values())) == ({"NOT_ALLOWED"}, False), name
    assert await scene.rows() == before


async def test_nobody_may_do_nothing(scene: Scene) -> None:
    before = await scene.rows()
    for name in CHANGING:
        assert _codes(await scene.change(name, None)) == {"NOT_SIGNED_IN"}, name
    for name, given in READING.items():
        answer = await scene.api.run(name, **scene.fill(given))
        assert (_codes(answer.body), any((answer.body["data"] or {}).values())) == ({"NOT_SIGNED_IN"}, False), name
    for name, given in FOREIGN:
        answer = await scene.api.run(name, **scene.fill(given))
        assert _codes(answer.body) == {"NOT_SIGNED_IN"}, name
    assert await scene.rows() == before


@pytest.mark.parametrize("brand", ["default", "other"])
async def test_what_is_another_drivers_is_not_there(scene: Scene, brand: str) -> None:
    _, token = await scene.api.sign_up("mallory@example.com", brand=brand)
    before = await scene.rows()
    for name in OF_THE_OWNER:
        (payload,) = (await scene.change(name, token))["data"].values()
        if name == "UnregisterDevice":
            assert payload["removed"] is False
        else:
            assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"], name
            assert [value for field, value in payload.items() if field != "userErrors" and value] == [], name
    for name, given in FOREIGN:
        answer = await scene.api.run(name, token=token, **scene.fill(given))
        assert _codes(answer.body) == {"NOT_FOUND"}, (name, given)
    for name in ("ActiveSession", "ActiveReservation"):
        assert list((await scene.api.run(name, token=token)).data.values()) == [None]
    for name in ("PaymentMethods", "Debts", "Devices"):
        assert list((await scene.api.run(name, token=token)).data.values()) == [[]]
    for name in ("Sessions", "Reservations"):
        (page,) = (await scene.api.run(name, token=token, first=5)).data.values()
        assert page["edges"] == []
    assert await scene.rows() == before


async def test_another_brands_charging_point_is_not_there(scene: Scene) -> None:
    _, token = await scene.api.sign_up("mallory@example.com", brand="other")
    before = await scene.rows()
    for name in ("StartCharging", "ReserveEvse"):
        (payload,) = (await scene.change(name, token))["data"].values()
        assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"], name
    assert (await scene.api.run("Node", token=token, id=scene.ids["evse"])).code == "NOT_FOUND"
    assert (await scene.api.run("Quote", token=token, input={"evseId": scene.ids["evse"]})).code == "NOT_FOUND"
    center = {"latitude": 52.52, "longitude": 13.41}
    found = (await scene.api.run("StationsAround", token=token, center=center, first=5)).data["stationsAround"]
    assert found["edges"] == []
    assert await scene.rows() == before


async def test_a_disabled_driver_does_nothing_more(scene: Scene) -> None:
    async with scene.api.world.app.unit_of_work(scene.api.world.tenant.id) as uow:
        await uow.session.execute(text("update drivers set disabled_at = now() where email = 'owner@example.com'"))
    before = await scene.rows()
    for name in CHANGING:
        assert _codes(await scene.change(name, scene.token)) == {"TOKEN_INVALID"}, name
    assert await scene.rows() == before


async def test_the_owner_sees_their_own(scene: Scene) -> None:
    """What the matrix refuses exists: the same calls succeed for the owner."""
    for name, given in FOREIGN:
        if name != "Receipt":
            (value,) = (await scene.api.run(name, token=scene.token, **scene.fill(given))).data.values()
            assert value["id"] == scene.fill(given)["id"]
    assert (await scene.api.run("Debts", token=scene.token)).data["debts"][0]["id"] == scene.ids["debt"]
    assert (await scene.api.world.rows(Driver))[-1].email == "owner@example.com"
