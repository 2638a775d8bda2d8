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
from app.server.demo.client import ApiClient, RefusedError
from app.server.demo.screen import Screen

_SHOWN = 5
_PLANNED_WH = 30_000
_WANTED_POWER_W = 300_000
_POLL_S = 0.1
_RESERVATION_S = 15.0
_SECOND_CHARGE_DIVISOR = 2
_OCCUPIED = "EVSE_OCCUPIED"


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
        nearby = await self._find()
        place, tariff_hash = await self._keep_one(self._free("1.6", nearby))
        charges = [await self._steps.charge(place, tariff_hash, seconds=self._charge_s)]
        charges.append(await self._charge_one(self._free("2.0.1", nearby)))
        return driver, charges

    async def _keep_one(self, candidates: list[tuple[str, str]]) -> tuple[Place, str]:
        """Reserve the first charging point that can be had; return it and the hash of its tariff."""
        for number, (station_id, code) in enumerate(candidates):
            place = await self._look_at(station_id, code)
            tariff_hash = await self._steps.quote(place, energy_wh=_PLANNED_WH)
            if number == 0:
                await self._save_card()
            try:
                await self._reserve(place)
            except RefusedError as error:
                self._go_on_if_occupied(error, place)
            else:
                return place, tariff_hash
        raise JourneyError("no charging point of OCPP 1.6 could be reserved near the start of the journey")

    async def _charge_one(self, candidates: list[tuple[str, str]]) -> Charge:
        """Charge at the first charging point that can be had, found by its sticker's code and without reserving."""
        for _, code in candidates:
            place = await self._scan(code)
            tariff_hash = await self._steps.quote(place, energy_wh=_PLANNED_WH)
            try:
                return await self._steps.charge(place, tariff_hash, seconds=self._charge_s / _SECOND_CHARGE_DIVISOR)
            except RefusedError as error:
                self._go_on_if_occupied(error, place)
        raise JourneyError("no charging point of OCPP 2.0.1 is free near the start of the journey")

    def _go_on_if_occupied(self, error: RefusedError, place: Place) -> None:
        """A demo that was killed in the middle of a charge leaves its session there until the server ends it."""
        if error.code != _OCCUPIED:
            raise error
        self._screen.say(f"{place.code} is still in use by an earlier charge: on to the next one.")

    async def _sign_up(self) -> Driver:
        email = f"driver-{new_readable_code(6).lower()}@demo.voltlane.invalid"
        password = new_secret(9)
        with self._screen.step("Sign up") as step:
            given = {"email": email, "password": password, "name": "Alex Driver", "locale": "en"}
            payload = await self._api.mutate(operations.SIGN_UP, input=given)
            self._api.token = payload["tokens"]["accessToken"]
            step.fact("Driver", f"{payload['driver']['name']} <{payload['driver']['email']}>")
        return Driver(payload["driver"]["id"], email, password)

    async def _find(self) -> list[dict[str, Any]]:
        """Return the nearest stations that are free and strong enough."""
        with self._screen.step("Find a charger around Berlin Hauptbahnhof") as step:
            everywhere = await self._stations(None)
            step.show(_station_table("Fast charging nearby", everywhere))
            free = await self._stations({"availableNow": True, "minPowerW": _WANTED_POWER_W})
            step.show(_station_table(f"Available now, {_WANTED_POWER_W // 1000} kW and more", free))
        return free

    async def _stations(self, wanted: dict[str, Any] | None) -> list[dict[str, Any]]:
        center = {"latitude": CENTRE[0], "longitude": CENTRE[1]}
        data = await self._api.execute(operations.STATIONS_AROUND, center=center, first=_SHOWN, filter=wanted)
        return [edge["node"] for edge in data["stationsAround"]["edges"]]

    def _free(self, version: Version, stations: list[dict[str, Any]]) -> list[tuple[str, str]]:
        """Return station id and code of the charging points that are free at chargers of a version."""
        return [
            (station["id"], evse["code"])
            for station in stations
            for evse in station["evses"]
            if evse["status"] == "AVAILABLE"
            and evse["code"] in self._by_code
            and self._by_code[evse["code"]].version == version
        ]

    async def _look_at(self, station_id: str, code: str) -> Place:
        with self._screen.step("Station and exact price") as step:
            station = (await self._api.execute(operations.STATION, id=station_id))["station"]
            evse = next(evse for evse in station["evses"] if evse["code"] == code)
            connector = evse["connectors"][0]
            step.fact("Station", station["name"])
            step.fact("Address", f"{station['address']}, {station['postalCode']} {station['city']}")
            step.fact("Charging point", f"{code}  {evse['status']}, seen {evse['lastSeenSeconds']} s ago")
            step.fact("Connector", f"{connector['standard']}, {connector['maxPowerW'] // 1000} kW")
            for component in connector["price"]["components"]:
                step.fact(component["kind"].capitalize(), _component(component))
        return self._place(evse["id"], code)

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

    async def _scan(self, code: str) -> Place:
        with self._screen.step("Scan the QR code of another charger") as step:
            evse = (await self._api.execute(operations.EVSE_BY_CODE, code=code))["evseByCode"]
            step.fact("Charging point", f"{evse['code']}  {evse['status']}")
            step.fact("Station", evse["station"]["name"])
        return self._place(evse["id"], code)

    def _place(self, evse_id: str, code: str) -> Place:
        charger = self._by_code[code]
        return Place(evse_id, code, charger.identity, charger.version)


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
