"""A receipt as issued: its stored content, in the app's words."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from bff.context import Context
from bff.ids import global_id
from bff.money import Money
from bff.receipts.links import pdf_url
from bff.scalars import BigInt
from payments.tables import BillingDocument


@strawberry.type
class ReceiptLine:
    """What was billed at one price. `unitPrice` is for one `pricePer` (kWh, h, session), `quantity` in `unit`."""

    component: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    price_per: str
    tax_included: bool
    vat_rate: Decimal | None
    net: Money
    gross: Money


@strawberry.type
class VatRow:
    """The receipt's amounts at one VAT rate in percent; null where prices do not state one rate."""

    rate: Decimal | None
    net: Money
    vat: Money
    gross: Money


@strawberry.type
class Receipt(relay.Node):
    """A receipt. Net and VAT add up to gross, as do the VAT rows; `pdfUrl` opens without a token for a short time."""

    id: relay.NodeID[UUID]
    number: str
    issued_at: datetime
    session_id: strawberry.ID
    energy_wh: BigInt
    net: Money
    vat_total: Money
    gross: Money
    captured: Money
    owed: Money
    lines: list[ReceiptLine]
    vat: list[VatRow]
    adjustment: Money | None
    pdf_url: str

    @classmethod
    def of(cls, row: BillingDocument, context: Context) -> "Receipt":
        """Return an issued receipt."""

        def money(minor: int) -> Money:
            return Money.of_minor(minor, row.currency, context.locale)

        content = row.content
        limit = content.get("limit")
        return cls(
            id=row.id,
            number=row.number,
            issued_at=row.issued_at,
            session_id=strawberry.ID(global_id("Session", row.session_id)),
            energy_wh=BigInt(content["session"]["energy_wh"]),
            net=money(row.net_minor),
            vat_total=money(row.vat_minor),
            gross=money(row.gross_minor),
            captured=money(content["payment"]["captured"]),
            owed=money(content["payment"]["owed"]),
            lines=[_line(line, row.currency, context.locale) for line in content["lines"]],
            vat=[
                VatRow(
                    rate=_decimal(vat["rate"]), net=money(vat["net"]), vat=money(vat["vat"]), gross=money(vat["gross"])
                )
                for vat in content["vat"]
            ],
            adjustment=None if limit is None else money(limit["gross"]),
            pdf_url=pdf_url(context, row.id),
        )


def _line(line: dict[str, Any], currency: str, locale: str) -> ReceiptLine:
    return ReceiptLine(
        component=line["component"],
        quantity=Decimal(line["quantity"]),
        unit=line["unit"],
        unit_price=Decimal(line["unit_price"]),
        price_per=line["price_per"],
        tax_included=line["tax_included"],
        vat_rate=_decimal(line["vat_rate"]),
        net=Money.of_minor(line["net"], currency, locale),
        gross=Money.of_minor(line["gross"], currency, locale),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
