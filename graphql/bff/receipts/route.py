"""`GET /receipts/{id}.pdf`: a receipt as PDF, for its driver (bearer token) or whoever holds a signed link that lives.

The id is the receipt's or its session's global id. What is not the caller's is not there.
"""

from typing import Any
from urllib.parse import unquote
from uuid import UUID

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from sqlalchemy import select

from app.db.uow import Database
from app.kit.errors import NotFoundError, UserError
from bff.access import DriverField
from bff.caller import REQUEST_ID_HEADER, Arrival, Reception
from bff.context import Context
from bff.errors import internal_error
from bff.ids import split_id
from bff.receipts.links import RECEIPTS_PATH, verify
from bff.services import Services
from payments.receipt_pdf import document_pdf
from payments.receipts import receipt_of
from payments.tables import BillingDocument

_SUFFIX = ".pdf"
_UNAUTHORISED = {"www-authenticate": "Bearer"}


def create_receipt_route(services: Services, reception: Reception) -> HTTPRouteHandler:
    """Return the route."""

    @get(f"{RECEIPTS_PATH}/{{file_name:str}}", include_in_schema=False)
    async def receipt_pdf(request: Request[Any, Any, Any], file_name: FromPath[str]) -> Response[bytes]:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            context = await reception.context(Arrival.of(headers, request.client.host if request.client else None))
        except UserError as error:
            return _refusal(400, error.message)
        try:
            name, row_id = _parse(file_name)
            token = request.query_params.get("token")
            if token is not None:
                document = await _linked(services, token, name, row_id)
            else:
                document = await _own(context, name, row_id)
            content = await document_pdf(document, context.locale)
        except NotFoundError as error:
            return _refusal(404, error.message)
        except UserError as error:
            return _refusal(401, error.message, _UNAUTHORISED)
        except Exception as error:  # whatever it is, no text of it reaches the client
            shown = internal_error(error, context.request_id)
            return _refusal(500, shown["message"], {REQUEST_ID_HEADER: context.request_id})
        return _pdf(document, content)

    return receipt_pdf


def _parse(file_name: str) -> tuple[str, UUID]:
    decoded = unquote(file_name)
    if not decoded.endswith(_SUFFIX):
        raise NotFoundError("there is no such receipt")
    return split_id(decoded.removesuffix(_SUFFIX))


async def _linked(services: Services, token: str, name: str, row_id: UUID) -> BillingDocument:
    """Return the document a signed link opens. Raises NotFoundError."""
    link = verify(services.settings, token, row_id, services.clock.now()) if name == "Receipt" else None
    if link is None:
        raise NotFoundError("the link has expired or is not valid")
    return await _document(services.database, link.tenant_id, name, row_id)


async def _own(context: Context, name: str, row_id: UUID) -> BillingDocument:
    """Return a document of the caller's. Raises NotFoundError, NotSignedInError, NotAllowedError."""
    DriverField().check(context)
    document = await _document(context.services.database, context.tenant_id, name, row_id)
    if document.driver_id != context.driver_id:
        raise NotFoundError("there is no such receipt")
    return document


async def _document(database: Database, tenant_id: UUID, name: str, row_id: UUID) -> BillingDocument:
    async with database.read(tenant_id) as session:
        if name == "Session":
            found = await receipt_of(session, row_id)
        else:
            wanted = BillingDocument.id == row_id
            found = await session.scalar(select(BillingDocument).where(wanted)) if name == "Receipt" else None
    if found is None:
        raise NotFoundError("there is no such receipt")
    return found


def _pdf(document: BillingDocument, content: bytes) -> Response[bytes]:
    headers = {
        "content-disposition": f'inline; filename="{document.number}{_SUFFIX}"',
        "cache-control": "private, no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)


def _refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(message.encode(), status_code=status, media_type="text/plain; charset=utf-8", headers=headers or {})
