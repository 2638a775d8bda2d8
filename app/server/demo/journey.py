"""The driver's journey, step by step, through the public API alone: account, search, price, card, charges, receipts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from app.kit.errors import VoltlaneError
from app.kit.ids import new_readable_code, new_secret
from app.server.demo import operations
from app.server.demo.card_sdk import CardSdk
from app.server.demo.charge import Charge
from app.server.demo.charge_steps import ChargeSteps, Place
from app.server.demo.chargers import CENTRE, DemoCharger, Version
from app.server.demo.client import ApiClient
from app.server.demo.screen import Screen

_SHOWN = 5
_PLANNED_WH = 30_000
_WANTED_POWER_W = 300_000
_POLL_S = 0.1
_RESERVATION_S = 15.0
_SECOND_CHARGE_DIVISOR = 2


class JourneyError(VoltlaneError):
    """The demo's world is not what the journey needs."""


@dataclass(frozen=True, slots=True)
class Driver:
    """The account the journey opened."""

    id: str
    email: str
    password: str


class Journey:
    """One driver with one app; `charge_s` is how long the first charge takes, the second takes half as long."""

    def __init__(
        self,
        api: ApiClient,
        screen: Screen,
        *,
        stripe_url: str,
        chargers: Sequence[DemoCharger],
        receipts: Path,
        charge_s: float,
    ) -> None:
        self._api = api
        self._screen = screen
        self._stripe_url = stripe_url
        self._by_code = {code: charger for charger in chargers for code in charger.evse_codes}
        self._charge_s = charge_s
        self._steps = ChargeSteps(api, screen, receipts)

    async def play(self) -> tuple[Driver, list[Charge]]:
        """Play everything; return the driver and the finished charges. Raises VoltlaneError at the first failure."""
        driver = await self._sign_up()
        first, other = await self._find()
        place = await self._look_at(first)
        await self._save_card()
        self._screen.heading(f"A charge at {place.identity}, OCPP {place.version}")
        tariff_hash = await self._steps.quote(place, energy_wh=_PLANNED_WH)
        await self._reserve(place)
        charges = [await self._steps.charge(place, tariff_hash, seconds=self._charge_s)]
        second = await self._scan(other)
        self._screen.heading(f"A charge at {second.identity}, OCPP {second.version}")
        tariff_hash = await self._steps.quote(second, energy_wh=_PLANNED_WH)
        seconds = self._charge_s / _SECOND_CHARGE_DIVISOR
        charges.append(await self._steps.charge(second, tariff_hash, seconds=seconds))
        return driver, charges

    async def _sign_up(self) -> Driver:
        email = f"driver-{new_readable_code(6).lower()}@demo.voltlane.invalid"
        password = new_secret(9)
        with self._screen.step("Sign up") as step:
            given = {"email": email, "password": password, "name": "Alex Driver", "locale": "en"}
            payload = await self._api.mutate(operations.SIGN_UP, input=given)
            self._api.token = payload["tokens"]["accessToken"]
            step.fact("Driver", f"{payload['driver']['name']} <{payload['driver']['email']}>")
        return Driver(payload["driver"]["id"], email, password)

    async def _find(self) -> tuple[dict[str, Any], DemoCharger]:
        """Return the nearest free station of a 1.6 charger, and the nearest 2.0.1 charger that is free."""
        with self._screen.step("Find a charger around Berlin Hauptbahnhof") as step:
            everywhere = await self._stations(None)
            step.show(_station_table("Fast charging nearby", everywhere))
            free = await self._stations({"availableNow": True, "minPowerW": _WANTED_POWER_W})
            step.show(_station_table(f"Available now, {_WANTED_POWER_W // 1000} kW and more", free))
        return self._first_of("1.6", free)[0], self._first_of("2.0.1", free)[1]

    async def _stations(self, wanted: dict[str, Any] | None) -> list[dict[str, Any]]:
        center = {"latitude": CENTRE[0], "longitude": CENTRE[1]}
        data = await self._api.execute(operations.STATIONS_AROUND, center=center, first=_SHOWN, filter=wanted)
        return [edge["node"] for edge in data["stationsAround"]["edges"]]

    def _first_of(self, version: Version, stations: list[dict[str, Any]]) -> tuple[dict[str, Any], DemoCharger]:
        for station in stations:
            for evse in station["evses"]:
                charger = self._by_code.get(evse["code"])
                if charger is not None and charger.version == version and evse["status"] == "AVAILABLE":
                    return station, charger
        raise JourneyError(f"no charger of OCPP {version} is free near the start of the journey")

    async def _look_at(self, found: dict[str, Any]) -> Place:
        with self._screen.step("Station and exact price") as step:
            station = (await self._api.execute(operations.STATION, id=found["id"]))["station"]
            evse = next(evse for evse in station["evses"] if evse["code"] in self._by_code)
            connector = evse["connectors"][0]
            step.fact("Station", station["name"])
            step.fact("Address", f"{station['address']}, {station['postalCode']} {station['city']}")
            step.fact("Charging point", f"{evse['code']}  {evse['status']}, seen {evse['lastSeenSeconds']} s ago")
            step.fact("Connector", f"{connector['standard']}, {connector['maxPowerW'] // 1000} kW")
            for component in connector["price"]["components"]:
                step.fact(component["kind"].capitalize(), _component(component))
        charger = self._by_code[evse["code"]]
        return Place(evse["id"], evse["code"], charger.identity, charger.version)

    async def _save_card(self) -> None:
        with self._screen.step("Save a card") as step:
            brand = (await self._api.execute(operations.BRAND))["brand"]
            setup = await self._api.mutate(operations.START_CARD_SETUP)
            sdk = CardSdk(self._stripe_url, brand["publishablePaymentKey"])
            status = await sdk.confirm_setup(setup["clientSecret"])
            saved = await self._api.mutate(operations.COMPLETE_CARD_SETUP, input={"setupId": setup["setupId"]})
            card = saved["paymentMethod"]
            step.fact("SetupIntent", status)
            step.fact("Card", f"{card['brand']} •••• {card['last4']}, {card['expMonth']:02d}/{card['expYear']}")

    async def _reserve(self, place: Place) -> None:
        with self._screen.step("Reserve") as step:
            given = {"evseId": place.evse_id, "minutes": 15, "idempotencyKey": new_secret()}
            reservation = (await self._api.mutate(operations.RESERVE_EVSE, input=given))["reservation"]
            step.fact("Asked", reservation["state"])
            async with asyncio.timeout(_RESERVATION_S):
                while reservation["state"] == "PENDING":
                    await asyncio.sleep(_POLL_S)
                    data = await self._api.execute(operations.RESERVATION, id=reservation["id"])
                    reservation = {**reservation, **data["reservation"]}
            if reservation["state"] != "ACTIVE":
                raise JourneyError(f"the charger did not reserve: {reservation['rejection']}")
            step.fact("Charger agreed", f"{reservation['state']} until {reservation['expiresAt']}")

    async def _scan(self, charger: DemoCharger) -> Place:
        with self._screen.step("Scan the QR code of another charger") as step:
            evse = (await self._api.execute(operations.EVSE_BY_CODE, code=charger.evse_codes[0]))["evseByCode"]
            step.fact("Charging point", f"{evse['code']}  {evse['status']}")
            step.fact("Station", evse["station"]["name"])
        return Place(evse["id"], evse["code"], charger.identity, charger.version)


def _component(component: dict[str, Any]) -> str:
    unit = {"KWH": "kWh", "MINUTE": "min", "SESSION": "session"}[component["unit"]]
    text = f"{component['grossPrice']} EUR/{unit} incl. {component['vatRate']} % VAT"
    grace = component["graceSeconds"] // 60
    return f"{text}, after {grace} min grace" if grace else text


def _station_table(title: str, stations: list[dict[str, Any]]) -> Table:
    table = Table("Station", "Distance", "Power", "Status", "Price", title=title, title_justify="left", expand=True)
    for station in stations:
        prices = [c["price"] for evse in station["evses"] for c in evse["connectors"] if c["price"]]
        free = station["availability"]
        power = station["maxPowerW"]
        status = f"{free['available']}/{free['total']} free" if free["available"] else free["status"].lower()
        table.add_row(
            station["name"],
            f"{round(station['distanceMeters'])} m",
            f"{power // 1000} kW" if power else "–",
            status,
            prices[0]["summary"]["en"] if prices else "–",
        )
    return table
