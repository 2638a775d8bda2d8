"""Reports of a charger, as the bridge would hand them over."""

from datetime import datetime
from typing import Any

from app.domain.charging.messages import Reading, StatusReport, TransactionEnd, TransactionStart, TransactionUpdate
from app.domain.stations.states import EvseStatus


def reading(
    at: datetime,
    register_wh: int | None = None,
    *,
    power_w: int | None = None,
    soc: int | None = None,
    context: str = "Sample.Periodic",
    suspect_reason: str | None = None,
) -> Reading:
    """Return a meter value; its samples are those a 1.6 charger would send."""
    samples: list[dict[str, Any]] = []
    if register_wh is not None:
        samples.append({"value": str(register_wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh"})
    if power_w is not None:
        samples.append({"value": str(power_w), "measurand": "Power.Active.Import", "unit": "W"})
    if soc is not None:
        samples.append({"value": str(soc), "measurand": "SoC", "unit": "Percent"})
    return Reading(
        taken_at=at,
        received_at=at,
        raw_timestamp=at.isoformat(),
        context=context,
        register_wh=register_wh,
        power_w=power_w,
        soc_percent=soc,
        samples=samples,
        suspect_reason=suspect_reason,
    )


def started(at: datetime, **fields: Any) -> TransactionStart:
    """Return a start on EVSE 1 with register 0: 1.6 unless a transaction id is given."""
    defaults: dict[str, Any] = {
        "evse_no": 1,
        "transaction_id": None,
        "id_token": None,
        "meter_start_wh": 0,
        "received_at": at,
    }
    return TransactionStart(at=at, **defaults | fields)


def updated(at: datetime, transaction_id: str, **fields: Any) -> TransactionUpdate:
    """Return a 2.x update."""
    return TransactionUpdate(transaction_id=transaction_id, at=at, received_at=at, **fields)


def ended(at: datetime, transaction_id: str, **fields: Any) -> TransactionEnd:
    """Return the end of a transaction."""
    raw = {"transactionId": transaction_id, "timestamp": at.isoformat(), "meterStop": fields.get("meter_stop_wh")}
    return TransactionEnd(transaction_id=transaction_id, at=at, received_at=at, raw=raw, **fields)


def status(at: datetime, what: EvseStatus, *, evse_no: int | None = 1, **fields: Any) -> StatusReport:
    """Return a status report of EVSE 1."""
    defaults: dict[str, Any] = {"connector_no": 1, "ocpp_status": what.value.title(), "received_at": at}
    return StatusReport(evse_no=evse_no, status=what, at=at, **defaults | fields)
