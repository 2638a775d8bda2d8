"""Root fields: the only ways to declare one, each of which needs to be told who may use it.

A mutation answers a payload: the resource it is about, or `userErrors` with a code out of the enum its payload
declares. The resolver just raises UserError; the field turns it into the payload's errors. Every enum holds the
general codes too, so an error that nobody declared is still told, under the general code of its kind. Who may not use
a field at all is told so by a top-level error, the same for queries, mutations and subscriptions: an app refreshes its
token in one place. (The last of a field's extensions is the outermost.)
"""

import inspect
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar, dataclass_transform, get_type_hints

import strawberry
import structlog
from strawberry.extensions import FieldExtension

from app.db.idempotency import IdempotencyConflictError
from app.domain.drivers.errors import RateLimitedError, TokenExpiredError, TokenInvalidError
from app.kit.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    UserError,
)
from bff.access import Access

T = TypeVar("T")
_GENERAL = (
    UserError,
    InvalidInputError,
    NotFoundError,
    NotAllowedError,
    NotSignedInError,
    ConflictError,
    IdempotencyConflictError,
    RateLimitedError,
    TokenExpiredError,
    TokenInvalidError,
)
GENERAL_CODES = tuple(error.code for error in _GENERAL)
"""Codes that every mutation may answer."""
_log = structlog.get_logger(__name__)


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def payload(*codes: str | type[UserError]) -> Callable[[type[T]], type[T]]:
    """Make a class `XPayload` a mutation's answer: adds `userErrors` of a type `XError` with an enum `XErrorCode`.

    `codes` are the mutation's own error codes, or the error classes that carry them. All fields need a default.
    """

    def decorate(cls: type[T]) -> type[T]:
        name = cls.__name__.removesuffix("Payload")
        own = [code if isinstance(code, str) else code.code for code in codes]
        members = {code: code for code in (*own, *(code for code in GENERAL_CODES if code not in own))}
        codes_of_this: Any = Enum(f"{name}ErrorCode", members)  # type: ignore[misc]
        enum: Any = strawberry.enum(codes_of_this, description=f"Why {name} did nothing.")
        error = strawberry.type(
            type(f"{name}Error", (), {"__annotations__": {"field": str | None, "message": str, "code": enum}}),
            description="What the app can show: the input field it is about, a text, and a code to decide by.",
        )
        cls.__annotations__["user_errors"] = list[error]  # type: ignore[valid-type]
        cls.user_errors = strawberry.field(default_factory=list)  # type: ignore[attr-defined]
        made = strawberry.type(cls, description=inspect.getdoc(cls))
        made.__user_error__ = error  # type: ignore[attr-defined]
        made.__user_error_code__ = enum  # type: ignore[attr-defined]
        return made

    return decorate


class UserErrors(FieldExtension):
    """Turns a resolver's UserError into its payload's `userErrors`."""

    def __init__(self, payload_type: type[Any]) -> None:
        self.payload_type = payload_type

    async def resolve_async(self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        """Run the resolver with nothing loaded before it, for it changes rows."""
        info.context.forget_loaded()
        try:
            return await next_(source, info, **kwargs)
        except UserError as error:
            return self.payload_type(user_errors=[self._shown(error)])

    def _shown(self, error: UserError) -> Any:
        codes = self.payload_type.__user_error_code__.__members__
        code = error.code
        if code not in codes:
            general = next(kind for kind in type(error).__mro__ if getattr(kind, "code", None) in GENERAL_CODES)
            _log.warning("api_undeclared_error_code", code=code, payload=self.payload_type.__name__)
            code = general.code  # type: ignore[attr-defined]
        return self.payload_type.__user_error__(field=_camel(error.field), message=error.message, code=codes[code])


def computed(resolver: Callable[..., Any]) -> Any:
    """Declare a field of a type that a method computes; its docstring is the field's description."""
    return strawberry.field(resolver, description=_text(resolver))


def query(access: Access, *extensions: FieldExtension) -> Callable[[Callable[..., Any]], Any]:
    """Declare a root query."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(resolver, description=_text(resolver), extensions=[*extensions, access])

    return decorate


def mutation(access: Access) -> Callable[[Callable[..., Any]], Any]:
    """Declare a mutation whose resolver is annotated with the payload it returns."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        payload_type = get_type_hints(resolver)["return"]
        return strawberry.mutation(resolver, description=_text(resolver), extensions=[UserErrors(payload_type), access])

    return decorate


def subscription(access: Access) -> Callable[[Callable[..., Any]], Any]:
    """Declare a subscription."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.subscription(resolver, description=_text(resolver), extensions=[access])

    return decorate


def _text(resolver: Callable[..., Any]) -> str | None:
    return inspect.getdoc(resolver)


def _camel(name: str | None) -> str | None:
    if name is None:
        return None
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
