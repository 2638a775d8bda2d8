"""Document numbers: one series a seller, kind and year, without gaps.

The counter's row is locked by the increment until the transaction ends, so the number exists if and only if its
document does, and two documents never wait for a number that is then not used.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert

from app.db.tables import Tenant
from app.db.uow import UnitOfWork
from app.kit.ids import new_id
from payments.tables import DocumentKind, NumberSeries

_SERIES = {DocumentKind.RECEIPT: "R", DocumentKind.CREDIT_NOTE: "C"}


async def next_number(uow: UnitOfWork, tenant: Tenant, kind: DocumentKind, issued_at: datetime) -> str:
    """Take the next number, such as R2026-000001; the year is the seller's, in its time zone."""
    series = _SERIES[kind]
    year = issued_at.astimezone(ZoneInfo(tenant.time_zone)).year
    statement = insert(NumberSeries).values(
        id=new_id(), tenant_id=uow.tenant_id, series=series, year=year, last_number=1
    )
    number = await uow.session.scalar(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "series", "year"], set_={"last_number": NumberSeries.last_number + 1}
        ).returning(NumberSeries.last_number)
    )
    return f"{series}{year}-{number:06d}"
