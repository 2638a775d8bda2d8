"""Who may use a field, declared where the field is and checked before its resolver runs.

Every root field carries one of these; a test walks the schema and finds any that does not. A refused call has
no effect, because nothing of the resolver has run. Before a mutation or a subscription the database is asked whether
the caller's sign-in still stands: an access token alone outlives a sign-out by minutes.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import OperationType
from strawberry.extensions import FieldExtension

from app.domain.drivers.errors import TokenInvalidError
from app.domain.drivers.families import principal_is_live
from app.domain.operators.permissions import Permission, require_permission
from app.domain.principals import PrincipalKind
from app.kit.errors import NotAllowedError
from bff.context import Context


class Access(FieldExtension, ABC):
    """Base: a declaration of who may use a field."""

    @abstractmethod
    def check(self, context: Context) -> None:
        """Raise UserError where the caller may not."""

    async def resolve_async(self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        """Run the resolver for whoever may use it."""
        context: Context = info.context
        self.check(context)
        if not isinstance(self, PublicField) and info.operation.operation is not OperationType.QUERY:
            await require_live(context)
        result = next_(source, info, **kwargs)
        return await result if isawaitable(result) else result


class PublicField(Access):
    """Everybody, signed in or not."""

    def check(self, context: Context) -> None:
        """Let everybody in."""


class DriverField(Access):
    """Drivers; guests too unless `account` asks for an account."""

    def __init__(self, *, account: bool = False) -> None:
        self.account = account

    def check(self, context: Context) -> None:
        """Raise NotSignedInError or NotAllowedError."""
        kind = context.caller.kind
        if kind is PrincipalKind.OPERATOR:
            raise NotAllowedError("This is for drivers.")
        if self.account and kind is PrincipalKind.GUEST:
            raise NotAllowedError("This needs an account.")


class SignedInField(Access):
    """Everybody who is signed in: drivers, guests and operators."""

    def check(self, context: Context) -> None:
        """Raise NotSignedInError."""
        _ = context.caller


class OperatorField(Access):
    """Operators whose role has a permission."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def check(self, context: Context) -> None:
        """Raise NotSignedInError or NotAllowedError."""
        require_permission(context.caller, self.permission)


async def require_live(context: Context) -> None:
    """Raise TokenInvalidError where the caller's sign-in has ended or the account is disabled."""
    services = context.services
    async with services.database.read(context.tenant_id) as session:
        live = await principal_is_live(session, context.caller, services.clock.now())
    if not live:
        raise TokenInvalidError
