"""The steps of one charge: quote, start, watch, stop, settle, receipt."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.kit.ids import new_secret
from app.server.demo import operations
from app.server.demo.charge import Charge, Receipt, kwh
from app.server.demo.chargers import Version
from app.server.demo.client import ApiClient
from app.server.demo.follower import ChargeFailedError, Follower
from app.server.demo.screen import Screen

_STARTS_WITHIN_S = 20.0
_SETTLES_WITHIN_S = 30.0
_FLOWS_WITHIN_S = 30.0
_LEAST_WH = 870
"""Costs more than the least that a card can be charged (0.50 EUR): less is waived, and nothing would be captured."""


@dataclass(frozen=True, slots=True)
class Place:
    """A charging point by its global id and its sticker's code, and the charger behind it."""

    evse_id: str
    code: str
    identity: str
    version: Version


class ChargeSteps:
    """Charges with one app; PDFs go to the `receipts` folder."""

    def __init__(self, api: ApiClient, screen: Screen, receipts: Path) -> None:
        self._api = api
        self._screen = screen
        self._receipts = receipts

    async def quote(self, place: Place, *, energy_wh: int) -> str:
        """Show what a planned charge costs; return the hash of the tariff that was shown."""
        with self._screen.step("Quote") as step:
            given = {"evseId": place.evse_id, "energyWh": str(energy_wh)}
            quote: dict[str, Any] = (await self._api.execute(operations.QUOTE, input=given))["quote"]
            step.fact("Price", quote["tariff"]["summary"]["en"])
            step.fact(
                f"{kwh(energy_wh)} kWh", f"{quote['estimate']['formatted']}, at most {quote['worstCase']['formatted']}"
            )
            step.fact("Held on the card", quote["hold"]["formatted"])
        return str(quote["tariff"]["hash"])

    async def charge(self, place: Place, tariff_hash: str, *, seconds: float) -> Charge:
        """Start at the quoted price, watch, stop, wait for the capture, fetch the receipt.

        Raises ChargeFailedError, ApiError.
        """
        self._screen.heading(f"A charge at {place.identity}, OCPP {place.version}")
        session_id = await self._start(place, tariff_hash)
        async with Follower(self._api, session_id) as follower:
            with self._screen.step("Energy flows") as step:
                active = await follower.until("ACTIVE", within_s=_STARTS_WITHIN_S)
                step.fact("Session", active.state)
            with self._screen.progress() as view:
                await follower.watch(seconds, least_wh=_LEAST_WH, within_s=_FLOWS_WITHIN_S, show=view.update)
            await self._stop(session_id, follower)
        return Charge(place.identity, place.version, session_id, await self._receipt(session_id))

    async def _start(self, place: Place, tariff_hash: str) -> str:
        with self._screen.step("Start") as step:
            given = {"evseId": place.evse_id, "idempotencyKey": new_secret(), "quotedTariffHash": tariff_hash}
            session = (await self._api.mutate(operations.START_CHARGING, input=given))["session"]
            step.fact("Charging point", place.code)
            step.fact("Held on the card", session["hold"]["formatted"])
            step.fact("Session", session["state"])
        return str(session["id"])

    async def _stop(self, session_id: str, follower: Follower) -> None:
        with self._screen.step("Stop, settle, capture") as step:
            given = {"sessionId": session_id, "idempotencyKey": new_secret()}
            stopped = (await self._api.mutate(operations.STOP_CHARGING, input=given))["session"]
            step.fact("Stop", "asked for" if stopped["stopPending"] else stopped["state"])
            states: list[str] = []
            ended = await follower.until(
                "COMPLETED", within_s=_SETTLES_WITHIN_S, show=lambda progress: states.append(progress.state)
            )
            step.fact("States", " → ".join(dict.fromkeys(states)))
            step.fact("Energy", f"{kwh(ended.energy_wh)} kWh")
            step.fact("Cost", ended.cost)
            step.fact("Live updates", follower.received)

    async def _receipt(self, session_id: str) -> Receipt:
        with self._screen.step("Receipt") as step:
            data = await self._api.execute(operations.RECEIPT, sessionId=session_id)
            found, payment = data["receipt"], data["session"]["payment"]
            if found is None:
                raise ChargeFailedError("the charge is completed and has no receipt")
            pdf = await self._save(found)
            step.fact("Number", found["number"])
            for line in found["lines"]:
                price = f"{line['unitPrice']} EUR/{line['pricePer']}"
                step.fact(
                    line["component"].capitalize(),
                    f"{line['quantity']} {line['unit']} × {price} = {line['gross']['formatted']}",
                )
            for row in found["vat"]:
                step.fact(f"VAT {row['rate']} %", f"{row['vat']['formatted']} of {row['gross']['formatted']}")
            step.fact(
                "Paid", f"{payment['captured']['formatted']} by {payment['cardBrand']} •••• {payment['cardLast4']}"
            )
            step.fact("PDF", pdf)
        return Receipt(
            number=found["number"],
            gross_minor=int(found["gross"]["amountMinor"]),
            captured_minor=int(payment["captured"]["amountMinor"]),
            currency=found["gross"]["currency"],
            energy_wh=int(found["energyWh"]),
            pdf=str(pdf),
        )

    async def _save(self, receipt: dict[str, Any]) -> Path:
        content = await self._api.download(receipt["pdfUrl"])
        if not content.startswith(b"%PDF-"):
            raise ChargeFailedError("the receipt is no PDF")
        self._receipts.mkdir(parents=True, exist_ok=True)
        path = self._receipts / f"{receipt['number'].replace('/', '-')}.pdf"
        path.write_bytes(content)
        return path
