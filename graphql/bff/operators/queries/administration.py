"""Tariffs, drivers, cards, operators and the audit log."""

import strawberry
from sqlalchemy import select

from app.db.tables import AuditEntry as AuditRow
from app.domain.drivers.tables import Driver, IdToken
from app.domain.operators.list_operators import list_operators
from app.domain.operators.permissions import Permission
from app.domain.operators.tables import Operator as OperatorRow
from app.domain.operators.view import view_of
from app.domain.pricing.tables import TariffRow
from app.kit.errors import NotFoundError
from bff.access import OperatorField
from bff.context import Info
from bff.fields import query
from bff.operators.ids import driver_row_id
from bff.operators.pages import contains, newest_first, read_one
from bff.operators.queries.network import checked_text
from bff.operators.types.audit_entry import AuditEntry
from bff.operators.types.driver import AdminDriver
from bff.operators.types.id_token import AdminIdToken
from bff.operators.types.operator import Operator
from bff.operators.types.tariff import AdminTariff
from bff.pagination import Connection
from bff.stations.queries import After, First


@strawberry.type
class AdministrationQueries:
    """Queries about what operators keep."""

    @query(OperatorField(Permission.VIEW_NETWORK))
    @staticmethod
    async def operator_me(info: Info) -> Operator:
        """Return the signed-in operator."""
        row = await read_one(info.context, OperatorRow, info.context.caller.subject_id)
        if row is None:
            raise NotFoundError("there is no such operator")
        return Operator.of(view_of(row))

    @query(OperatorField(Permission.MANAGE_OPERATORS))
    @staticmethod
    async def operators(info: Info) -> list[Operator]:
        """Return every operator, disabled ones too, by e-mail address."""
        found = await list_operators(info.context.services.database, info.context.tenant_id)
        return [Operator.of(view) for view in found]

    @query(OperatorField(Permission.VIEW_NETWORK))
    @staticmethod
    async def tariffs(info: Info, first: First, after: After = None, archived: bool = False) -> Connection[AdminTariff]:
        """Return the brand's tariffs, the newest first."""
        archive = TariffRow.archived_at
        wanted = select(TariffRow).where(archive.is_not(None) if archived else archive.is_(None))
        return await newest_first(info.context, wanted, TariffRow, AdminTariff.of, first=first, after=after)

    @query(OperatorField(Permission.VIEW_DRIVERS))
    @staticmethod
    async def drivers(
        info: Info, first: First, after: After = None, text: str | None = None
    ) -> Connection[AdminDriver]:
        """Return drivers and guests, the newest first; `text` finds them by a part of e-mail address or name."""
        wanted = select(Driver)
        pattern = checked_text(text)
        if pattern is not None:
            like = contains(pattern)
            wanted = wanted.where(Driver.email.ilike(like, escape="\\") | Driver.name.ilike(like, escape="\\"))
        return await newest_first(info.context, wanted, Driver, AdminDriver.of, first=first, after=after)

    @query(OperatorField(Permission.MANAGE_TOKENS))
    @staticmethod
    async def id_tokens(
        info: Info,
        first: First,
        after: After = None,
        driver_id: strawberry.ID | None = None,
        text: str | None = None,
    ) -> Connection[AdminIdToken]:
        """Return cards, the newest first; `text` finds them by a part of uid or label."""
        wanted = select(IdToken)
        owner = driver_row_id(driver_id, "driverId")
        if owner is not None:
            wanted = wanted.where(IdToken.driver_id == owner)
        pattern = checked_text(text)
        if pattern is not None:
            like = contains(pattern)
            wanted = wanted.where(IdToken.uid.ilike(like, escape="\\") | IdToken.label.ilike(like, escape="\\"))
        return await newest_first(info.context, wanted, IdToken, AdminIdToken.of, first=first, after=after)

    @query(OperatorField(Permission.VIEW_AUDIT))
    @staticmethod
    async def audit_log(
        info: Info, first: First, after: After = None, operation: str | None = None
    ) -> Connection[AuditEntry]:
        """Return what operators did, the newest first."""
        wanted = select(AuditRow)
        if operation is not None:
            wanted = wanted.where(AuditRow.operation == operation)
        return await newest_first(info.context, wanted, AuditRow, AuditEntry.of, first=first, after=after)
