"""The audit of a finished charge: receipt, ledger, card processor and meter must say the same, to the cent and the Wh.

Each figure comes from a place of its own: the receipt from the API, the books from the ledger, the captured amount from
the Stripe double, the energy from the station's own register. The price is made anew from the station's register, and
from the readings as they were stored, by the rating engine and the frozen tariff.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from rich.table import Table
from sqlalchemy import select

from app.db.uow import Database
from app.domain.charging.rating import SESSION_POLICY, SessionRecord, load_record
from app.domain.charging.tables import ChargingSession
from app.domain.pricing.store import tariff_of
from app.domain.tariffs import estimate, invoice_totals
from app.kit.money import Money
from app.server.demo.charge import Charge
from app.server.demo.fleet import Fleet
from bff.ids import row_id
from payments.ledger import assert_balanced, balance
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.tables import LedgerAccount, Payment


@dataclass(frozen=True, slots=True)
class Audit:
    """The figures of one charge by where they come from; money in minor units, energy in Wh."""

    charge: Charge
    money: dict[str, int]
    energy: dict[str, int]
    receivable_minor: int

    @property
    def agrees(self) -> bool:
        """Whether all figures are the same and something was charged, and nothing is left to pay."""
        same = len(set(self.money.values())) == 1 and len(set(self.energy.values())) == 1
        charged = min(*self.money.values(), *self.energy.values()) > 0
        return same and charged and self.receivable_minor == 0


async def audit_charge(database: Database, tenant_id: UUID, charge: Charge, fleet: Fleet, stripe_url: str) -> Audit:
    """Gather the figures of a finished charge. Raises LedgerImbalanceError where the books do not balance."""
    session_id = row_id(charge.session_id, "Session", "id")
    currency = charge.receipt.currency
    metered = await fleet.last_transaction(charge.identity)
    async with database.read(tenant_id) as db:
        await assert_balanced(db)
        session = await db.get_one(ChargingSession, session_id)
        record = await load_record(db, session)
        paid = await balance(db, LedgerAccount.PROCESSOR, currency=currency, session_id=session_id)
        open_ = await balance(db, LedgerAccount.DRIVER_RECEIVABLE, currency=currency, session_id=session_id)
        intent_id = await db.scalar(select(Payment.intent_id).where(Payment.session_id == session_id))
    return Audit(
        charge=charge,
        money={
            "receipt": charge.receipt.gross_minor,
            "paid, as the app shows it": charge.receipt.captured_minor,
            "ledger: received by the processor": paid.minor,
            "captured by the card processor": await _captured(stripe_url, intent_id),
            "station's meter × tariff": _price_of_energy(record, metered.energy_wh).minor,
            "stored readings rated again": _rated_again(record).minor,
        },
        energy={
            "station's meter": metered.energy_wh,
            "session": session.energy_wh,
            "receipt": charge.receipt.energy_wh,
        },
        receivable_minor=open_.minor,
    )


def audit_table(audits: list[Audit]) -> Table:
    """Return the comparison of all charges, a column each."""
    table = Table(title="Do the receipt, the ledger, the capture and the meter agree?", title_justify="left")
    table.add_column("")
    for audit in audits:
        table.add_column(f"{audit.charge.identity} (OCPP {audit.charge.version})", justify="right")
    for name in audits[0].money:
        table.add_row(name, *(str(Money(audit.money[name], audit.charge.receipt.currency)) for audit in audits))
    owed = [str(Money(audit.receivable_minor, audit.charge.receipt.currency)) for audit in audits]
    table.add_row("ledger: left to pay", *owed)
    table.add_section()
    for name in audits[0].energy:
        table.add_row(f"energy: {name}", *(f"{audit.energy[name]} Wh" for audit in audits))
    table.add_section()
    table.add_row("verdict", *("agree" if audit.agrees else "DIFFER" for audit in audits))
    return table


async def _captured(stripe_url: str, intent_id: str | None) -> int:
    async with StripeDoubleAdmin(stripe_url) as admin:
        intents = await admin.intents()
    return sum(int(intent["amount_received"]) for intent in intents if intent["id"] == intent_id)


def _price_of_energy(record: SessionRecord, energy_wh: int) -> Money:
    """Return the price of an energy over the session's charging time, by the frozen tariff."""
    session = record.session
    assert session.started_at is not None
    duration = (session.energy_ended_at or session.started_at) - session.started_at
    priced = estimate(
        tariff_of(record.snapshot),
        ZoneInfo(session.time_zone),
        session.started_at,
        energy_wh,
        max(duration, timedelta(seconds=1)),
        policy=SESSION_POLICY,
    )
    return invoice_totals(priced, session.currency).gross


def _rated_again(record: SessionRecord) -> Money:
    session = record.session
    assert session.ended_at is not None
    return record.rate(session.ended_at).totals.gross
