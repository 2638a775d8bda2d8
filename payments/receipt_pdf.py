"""Prints receipts and credit notes as PDF, on demand, from their stored content.

The same content and language always give the same bytes; nothing of the machine (its fonts, its clock) goes in, so a
PDF need not be kept.
"""

import asyncio
import json
from datetime import datetime
from importlib.resources import as_file, files
from typing import Any, Literal

from payments.receipt_view import DocumentView
from payments.tables import BillingDocument


async def document_pdf(document: BillingDocument, locale: str) -> bytes:
    """Return a document as PDF in the language of a locale (German or English); the event loop is not held up."""
    return await asyncio.to_thread(render_pdf, document.content, locale)


def render_pdf(content: dict[str, Any], locale: str) -> bytes:
    """Return a document's stored content as PDF; takes some tenths of a second."""
    return _compile(content, locale, "pdf")


def _compile(content: dict[str, Any], locale: str, output_format: Literal["pdf", "png"]) -> bytes:
    import typst

    data = json.dumps(DocumentView(content, locale).data())
    issued_at = datetime.fromisoformat(content["issued_at"])
    with as_file(files("payments") / "templates" / "receipt.typ") as template:
        return typst.compile(
            str(template),
            format=output_format,
            sys_inputs={"document": data},
            ignore_system_fonts=True,
            timestamp=int(issued_at.timestamp()),
        )
