"""GraphQL over HTTP: POST with JSON, GET for queries; nothing else, one operation a request.

Every request has a context and a response of its own: nothing is kept between requests. Forms and plain text are
refused, so a page of another origin cannot call without the browser asking first; there are no cookies.
"""

import json
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLFormattedError
from litestar import Request, Response
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from strawberry.exceptions import MissingQueryError
from strawberry.http.ides import get_graphql_ide_html
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from app.kit.errors import UserError
from bff.accept import GRAPHQL_RESPONSE, JSON, accepts_html, response_type
from bff.caller import REQUEST_ID_HEADER, Arrival, Reception
from bff.context import Context
from bff.errors import internal_error, present, request_error, user_error
from bff.limits import MAX_BODY_BYTES
from bff.schema import Schema

AnyRequest = Request[Any, Any, Any]


class BadRequestError(Exception):
    """The request is no GraphQL request that is served here."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Operation:
    """One GraphQL request."""

    query: str
    name: str | None
    variables: dict[str, Any] | None


class HttpEndpoint:
    """Answers GraphQL requests; `ide` serves GraphiQL to browsers."""

    def __init__(self, schema: Schema, reception: Reception, *, ide: bool) -> None:
        self._schema = schema
        self._reception = reception
        self._ide = ide

    async def answer(self, request: AnyRequest) -> Response[bytes]:
        """Return the response to a request."""
        if request.method == "GET" and "query" not in request.query_params and self._shows_ide(request):
            return Response(get_graphql_ide_html(graphql_ide="graphiql").encode(), media_type="text/html")
        media_type = response_type(request.headers.get("accept")) or JSON
        try:
            context = await self._reception.context(_arrival(request))
        except UserError as error:
            return _response(400, {"errors": [user_error(error)]}, media_type)
        headers = {REQUEST_ID_HEADER: context.request_id}
        try:
            _require_acceptable(request)
            operation = await _operation(request)
            result = await self._execute(request, operation, context)
        except BadRequestError as error:
            body: dict[str, Any] = {"errors": [request_error(str(error))]}
            return _response(error.status, body, media_type, {**headers, **error.headers})
        except Exception as error:  # whatever it is, no text of it reaches the client
            return _response(500, {"errors": [internal_error(error, context.request_id)]}, media_type, headers)
        return _executed(result, context, media_type, headers)

    def _shows_ide(self, request: AnyRequest) -> bool:
        return self._ide and accepts_html(request.headers.get("accept"))

    async def _execute(self, request: AnyRequest, operation: Operation, context: Context) -> ExecutionResult:
        allowed = {OperationType.QUERY} if request.method == "GET" else {OperationType.QUERY, OperationType.MUTATION}
        try:
            result = await self._schema.execute(
                operation.query,
                variable_values=operation.variables,
                context_value=context,
                operation_name=operation.name,
                allowed_operation_types=allowed,
            )
        except CannotGetOperationTypeError as error:
            raise BadRequestError(400, error.as_http_error_reason()) from error
        except InvalidOperationTypeError as error:
            reason = error.as_http_error_reason(request.method)
            raise BadRequestError(405 if request.method == "GET" else 400, reason, Allow="POST") from error
        except MissingQueryError as error:
            raise BadRequestError(400, "There is no query in the request.") from error
        assert isinstance(result, ExecutionResult)
        return result


def _arrival(request: AnyRequest) -> Arrival:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Arrival.of(headers, request.client.host if request.client else None)


def _require_acceptable(request: AnyRequest) -> None:
    if response_type(request.headers.get("accept")) is None:
        raise BadRequestError(406, f"This answers {JSON} or {GRAPHQL_RESPONSE}.")


async def _operation(request: AnyRequest) -> Operation:
    if request.method == "GET":
        given: Any = dict(request.query_params)
        for name in ("variables", "extensions"):
            if given.get(name):
                given[name] = _json(given[name], name)
    else:
        media, _, parameters = request.headers.get("content-type", "").lower().partition(";")
        charset = parameters.replace(" ", "").replace('"', "")
        if media.strip() != JSON or charset not in ("", "charset=utf-8", "charset=utf8"):
            raise BadRequestError(415, f"Send {JSON} in UTF-8.")
        given = _json(await _body(request), "body")
    if isinstance(given, list):
        raise BadRequestError(400, "One operation a request: batches are not served.")
    if not isinstance(given, dict):
        raise BadRequestError(400, "The body is a JSON object.")
    return _checked(given)


async def _body(request: AnyRequest) -> bytes:
    try:
        return await request.body()
    except RequestEntityTooLarge as error:
        raise BadRequestError(413, f"A request has at most {MAX_BODY_BYTES} bytes.") from error


def _checked(given: dict[str, Any]) -> Operation:
    query, name, variables = given.get("query"), given.get("operationName"), given.get("variables")
    if not isinstance(query, str) or not query.strip():
        raise BadRequestError(400, "`query` is a string.")
    if not isinstance(name, str | None):
        raise BadRequestError(400, "`operationName` is a string or null.")
    if not isinstance(variables or None, dict | None):
        raise BadRequestError(400, "`variables` is an object or null.")
    if not isinstance(given.get("extensions") or None, dict | None):
        raise BadRequestError(400, "`extensions` is an object or null.")
    return Operation(query, name or None, variables or None)


def _json(text: str | bytes, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(400, f"The {name} is not JSON.") from error


def _executed(result: ExecutionResult, context: Context, media_type: str, headers: dict[str, str]) -> Response[bytes]:
    errors: list[GraphQLFormattedError] = present(result.errors or [], context.request_id)
    refused = result.data is None and bool(errors) and all("path" not in error for error in errors)
    body: dict[str, Any] = {} if refused else {"data": result.data}
    if errors:
        body["errors"] = errors
    status = 400 if refused and media_type == GRAPHQL_RESPONSE else 200
    return _response(status, body, media_type, headers)


def _response(
    status: int, body: dict[str, Any], media_type: str, headers: dict[str, str] | None = None
) -> Response[bytes]:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    plain = {**(headers or {}), "cache-control": "no-store", "vary": "Accept, Authorization"}
    return Response(content, status_code=status, media_type=f"{media_type}; charset=utf-8", headers=plain)
