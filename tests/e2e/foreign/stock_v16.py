"""A 1.6J charge point on the `ocpp` package's stock `ChargePoint`, written as that package's own documentation does."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result


def utc_now() -> str:
    """Return the charger's clock as it writes it."""
    return datetime.now(UTC).isoformat()


class StockChargePoint16(ChargePoint):
    """Keeps what the central system asked for; the caller decides what happens then."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.remote_start: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.remote_stop: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @on("RemoteStartTransaction")
    async def on_remote_start(self, id_tag: str, **_: Any) -> call_result.RemoteStartTransaction:
        """Accept a remote start."""
        self.remote_start.set_result(id_tag)
        return call_result.RemoteStartTransaction(status="Accepted")

    @on("RemoteStopTransaction")
    async def on_remote_stop(self, transaction_id: int) -> call_result.RemoteStopTransaction:
        """Accept a remote stop."""
        self.remote_stop.set_result(transaction_id)
        return call_result.RemoteStopTransaction(status="Accepted")

    async def boot(self) -> Any:
        """Introduce the charger and say that its connector is free."""
        answer = await self.call(call.BootNotification(charge_point_model="Wallbox XYZ", charge_point_vendor="anewone"))
        await self.status("Available")
        return answer

    async def status(self, status: str) -> None:
        """Report the connector's status."""
        await self.call(call.StatusNotification(connector_id=1, error_code="NoError", status=status))

    async def begin(self, id_tag: str, meter_start: int) -> Any:
        """Report a start."""
        return await self.call(
            call.StartTransaction(connector_id=1, id_tag=id_tag, meter_start=meter_start, timestamp=utc_now())
        )

    async def meter(self, transaction_id: int, kwh: str) -> None:
        """Report the register in kWh, as some chargers do."""
        sample = {"value": kwh, "unit": "kWh", "measurand": "Energy.Active.Import.Register"}
        await self.call(
            call.MeterValues(
                connector_id=1,
                transaction_id=transaction_id,
                meter_value=[{"timestamp": utc_now(), "sampled_value": [sample]}],
            )
        )

    async def stop(self, transaction_id: int, meter_stop: int) -> None:
        """Report a stop and that the car has gone."""
        await self.call(
            call.StopTransaction(
                meter_stop=meter_stop, timestamp=utc_now(), transaction_id=transaction_id, reason="Remote"
            )
        )
        await self.status("Available")
