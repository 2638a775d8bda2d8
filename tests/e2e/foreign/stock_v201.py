"""A 2.0.1 charging station on the `ocpp` package's stock `ChargePoint`; its transactions start when the cable is in."""

import asyncio
from typing import Any

from ocpp.routing import on
from ocpp.v201 import ChargePoint, call, call_result

from tests.e2e.foreign.stock_v16 import utc_now

_EVSE = {"id": 1, "connector_id": 1}


class StockChargePoint201(ChargePoint):
    """Keeps what the CSMS asked for; the caller decides what happens then."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.remote_start: asyncio.Future[tuple[int, Any]] = asyncio.get_running_loop().create_future()
        self.remote_stop: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._seq_no = -1

    @on("RequestStartTransaction")
    async def on_start(self, id_token: Any, remote_start_id: int, **_: Any) -> call_result.RequestStartTransaction:
        """Accept a remote start."""
        self.remote_start.set_result((remote_start_id, id_token))
        return call_result.RequestStartTransaction(status="Accepted")

    @on("RequestStopTransaction")
    async def on_stop(self, transaction_id: str) -> call_result.RequestStopTransaction:
        """Accept a remote stop."""
        self.remote_stop.set_result(transaction_id)
        return call_result.RequestStopTransaction(status="Accepted")

    async def boot(self) -> Any:
        """Introduce the station and say that its connector is free."""
        answer = await self.call(
            call.BootNotification(charging_station={"model": "Wallbox XYZ", "vendor_name": "anewone"}, reason="PowerUp")
        )
        await self.status("Available")
        return answer

    async def status(self, status: str) -> None:
        """Report the connector's status."""
        await self.call(
            call.StatusNotification(timestamp=utc_now(), connector_status=status, evse_id=1, connector_id=1)
        )

    async def event(self, kind: str, trigger: str, info: dict[str, Any], wh: float | None = None, **more: Any) -> Any:
        """Report a transaction event, with the register where one is given."""
        self._seq_no += 1
        if wh is not None:
            context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(kind, "Sample.Periodic")
            more["meter_value"] = [{"timestamp": utc_now(), "sampled_value": [{"value": wh, "context": context}]}]
        return await self.call(
            call.TransactionEvent(
                event_type=kind,
                timestamp=utc_now(),
                trigger_reason=trigger,
                seq_no=self._seq_no,
                transaction_info=info,
                evse=_EVSE,
                **more,
            )
        )
