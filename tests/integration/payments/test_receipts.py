"""Receipts: complete as stored, numbered without gaps, never edited."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.db.tables import Tenant
from app.domain.charging.states import SessionState
from payments.numbering import next_number
from payments.receipt_pdf import document_pdf
from payments.receipts import issue_receipt
from payments.tables import BillingDocument, DocumentKind
from tests.integration.payments.world import TARIFF, World


async def _rated(world: World) -> UUID:
    session_id = await world.session(await world.driver(), SessionState.SETTLING)
    await world.charged(session_id, 20_000, idle_minutes=10)
    return session_id


async def test_the_receipt_carries_everything_it_must_say(world: World) -> None:
    session_id = await world.held()
    gross = await world.charged(session_id, 20_000, idle_minutes=10)
    await world.settle(session_id)
    [receipt] = await world.rows(select(BillingDocument))
    content = receipt.content
    assert (receipt.gross_minor, receipt.net_minor + receipt.vat_minor) == (gross, gross)
    assert receipt.number == content["number"] == f"R{world.clock.now().year}-000001"
    assert content["seller"]["vat_id"] == "DE000000000"
    session = content["session"]
    assert (session["evse_id"], session["id"]) == ("DE*VLT*E0001*1", str(session_id))
    assert (session["meter_start_wh"], session["meter_stop_wh"], session["energy_wh"]) == (1000, 21_000, 20_000)
    assert session["location"]["city"] == "Berlin"
    assert datetime.fromisoformat(session["started_at"]).utcoffset() is not None
    assert session["started_at"][-6:] in ("+01:00", "+02:00")
    lines = [(line["component"], line["gross"]) for line in content["lines"]]
    assert lines == [("ENERGY", 1180), ("PARKING_TIME", 100)]
    assert content["billed_seconds"] == "600"
    assert content["vat"] == [{"rate": "19", "net": 1076, "vat": 204, "gross": 1280}]
    assert content["tariff"]["id"] == TARIFF.id
    assert len(content["tariff"]["hash"]) == 64
    assert content["payment"] == {
        "state": "CAPTURED",
        "card_brand": "visa",
        "card_last4": "4242",
        "captured": 1280,
        "waived": 0,
        "owed": 0,
    }
    assert (await document_pdf(receipt, "de")).startswith(b"%PDF-")


async def test_numbers_have_no_gaps_however_many_are_issued_at_once(world: World) -> None:
    sessions = [await _rated(world) for _ in range(10)]
    await asyncio.gather(*(issue_receipt(world.deps, world.tenant_id, session_id) for session_id in sessions * 2))
    numbers = sorted(await world.rows(select(BillingDocument.number)))
    assert [number[-6:] for number in numbers] == [f"{number:06d}" for number in range(1, 11)]


async def test_a_rolled_back_document_takes_no_number(world: World) -> None:
    async with world.deps.database.read(None) as session:
        tenant = await session.get_one(Tenant, world.tenant_id)
    now = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    with pytest.raises(RuntimeError):
        async with world.deps.database.unit_of_work(world.tenant_id) as uow:
            assert await next_number(uow, tenant, DocumentKind.RECEIPT, now) == "R2026-000001"
            raise RuntimeError("rolled back")
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        assert await next_number(uow, tenant, DocumentKind.RECEIPT, now) == "R2026-000001"
        assert await next_number(uow, tenant, DocumentKind.CREDIT_NOTE, now) == "C2026-000001"
        # The seller's year begins an hour before that of UTC.
        new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
        assert await next_number(uow, tenant, DocumentKind.RECEIPT, new_year) == "R2027-000001"


async def test_an_issued_document_can_neither_be_changed_nor_deleted(world: World) -> None:
    await issue_receipt(world.deps, world.tenant_id, await _rated(world))
    for statement in ("update billing_documents set gross_minor = 0", "delete from billing_documents"):
        with pytest.raises(DBAPIError, match=r"permission denied|never changed"):
            async with world.deps.database.unit_of_work(world.tenant_id) as uow:
                await uow.session.execute(text(statement))
    assert await world.count(BillingDocument) == 1
