"""What a client is told when something goes wrong: by allow-list, so that nothing internal can leak.

Shown as they are: UserErrors (with their code), and what graphql-core says about the request itself (syntax,
validation, variables). Everything else is a programming error: logged with its traceback and the request id, and shown
as INTERNAL with that id. Both edges (HTTP and WebSocket) send errors through `present` only.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLFormattedError
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.exceptions import CannotGetOperationTypeError

from app.kit.errors import UserError

INTERNAL = "INTERNAL"
BAD_REQUEST = "BAD_REQUEST"
_log = structlog.get_logger(__name__)


def present(errors: Sequence[GraphQLError], request_id: str) -> list[GraphQLFormattedError]:
    """Return errors as the client may see them; log those it may not."""
    return [_present_one(error, request_id) for error in errors]


def internal_error(error: BaseException, request_id: str) -> GraphQLFormattedError:
    """Log a programming error and return what is shown instead of it."""
    _log.error("api_internal_error", request_id=request_id, exc_info=error)
    return {
        "message": "Something went wrong on our side. Please try again.",
        "extensions": {"code": INTERNAL, "requestId": request_id},
    }


def request_error(message: str, code: str = BAD_REQUEST) -> GraphQLFormattedError:
    """Return an error about the request as a whole."""
    return {"message": message, "extensions": {"code": code}}


def user_error(error: UserError) -> GraphQLFormattedError:
    """Return a UserError as a top-level error."""
    extensions: dict[str, Any] = {"code": error.code}
    if error.field is not None:
        extensions["field"] = error.field
    return {"message": error.message, "extensions": extensions}


def _present_one(error: GraphQLError, request_id: str) -> GraphQLFormattedError:
    formatted = error.formatted
    original = error.original_error
    if isinstance(original, UserError):
        shown = user_error(original)
    elif _is_about_the_request(error):
        shown = request_error(error.message, "GRAPHQL_VALIDATION_FAILED")
    else:
        shown = internal_error(original or error, request_id)
    for name in ("locations", "path"):
        if name in formatted:
            shown[name] = formatted[name]
    return shown


def _is_about_the_request(error: GraphQLError) -> bool:
    """Tell whether graphql-core judged the request; a resolver that raises GraphQLError did not."""
    original = error.original_error
    if isinstance(original, CannotGetOperationTypeError):
        return True
    if error.path is None:
        return original is None or (isinstance(original, GraphQLError) and bool(error.nodes))
    if isinstance(original, StrawberryInputCoercionError):
        return True
    return isinstance(original, GraphQLError) and bool(original.nodes) and original.original_error is None
