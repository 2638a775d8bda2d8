"""The double's HTTP surface: `messages:send` as FCM speaks it, and under `/_double` an admin surface."""

from json import JSONDecodeError
from typing import Any

from litestar import Litestar, Request, Response, delete, get, post
from litestar.exceptions import ClientException, SerializationException

from notifications.fcm.double.errors import ErrorAnswer, Fault, fault_answer, invalid_field, unauthenticated
from notifications.fcm.double.store import DoubleStore, InjectedFault
from notifications.fcm.double.validation import check_message


def create_double() -> Litestar:
    """Return the ASGI application of a fresh double."""
    store = DoubleStore()

    @post("/v1/projects/{project:str}/messages:send")
    async def send_message(project: str, request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        answer = _accept(store, project, request.headers.get("authorization", ""), await _json(request))
        if isinstance(answer, ErrorAnswer):
            return Response(answer.body(), status_code=answer.http_status, headers=answer.headers)
        return Response({"name": answer}, status_code=200)

    @get("/_double/messages")
    async def list_messages(token: str | None = None, project: str | None = None) -> list[dict[str, Any]]:
        return store.messages(token, project)

    @post("/_double/faults", status_code=204)
    async def inject_fault(data: dict[str, Any]) -> None:
        try:
            fault = Fault(data["fault"])
        except (KeyError, ValueError) as error:
            raise ClientException(f"unknown fault: {error}") from error
        store.inject(InjectedFault(fault, int(data.get("times", 1)), data.get("token")))

    @delete("/_double/messages")
    async def clear() -> None:
        store.clear()

    return Litestar([send_message, list_messages, inject_fault, clear], openapi_config=None)


async def _json(request: Request[Any, Any, Any]) -> Any:
    try:
        return await request.json()
    except (JSONDecodeError, SerializationException):
        return None


def _accept(store: DoubleStore, project: str, authorization: str, body: Any) -> str | ErrorAnswer:
    """Return the name of the accepted message, or why it is refused."""
    if not authorization.startswith("Bearer ") or not authorization.removeprefix("Bearer ").strip():
        return unauthenticated()
    if not isinstance(body, dict):
        return invalid_field("", "Invalid JSON payload received.")
    message = body.get("message")
    problem = check_message(message)
    if problem is not None or not isinstance(message, dict):
        return problem or invalid_field("message", "Invalid value at 'message'")
    if body.get("validate_only"):
        return f"projects/{project}/messages/fake_message_id"
    fault = store.fault_for(message.get("token", ""))
    if fault is None:
        return store.keep(project, message)
    if fault is Fault.ANSWER_LOST:
        store.keep(project, message)
    return fault_answer(fault)
