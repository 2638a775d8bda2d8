"""Answers one call to the imitated API: idempotency, faults, parameters, the operation, all in one transaction."""

import asyncio
from dataclasses import dataclass, field

from payments.stripe.double import cancellations
from payments.stripe.double.context import ApiRequest, Context, DoubleClock
from payments.stripe.double.errors import StripeApiError, api_error, invalid_request
from payments.stripe.double.faults import Fault, FaultKind, Faults, Phase
from payments.stripe.double.idempotency import key_in_use, save_answer, saved_answer
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.lists import expand
from payments.stripe.double.parameters import check, decode
from payments.stripe.double.routes import Route, find_route
from payments.stripe.double.store import Store

_MS = 1000


class ConnectionDroppedError(Exception):
    """The caller is to see the connection close without an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, document and headers of an answer."""

    status: int
    body: JsonObject
    headers: dict[str, str] = field(default_factory=dict[str, str])


class StripeDouble:
    """The imitated API over one store."""

    def __init__(self, store: Store, clock: DoubleClock, faults: Faults) -> None:
        self.store = store
        self.clock = clock
        self.faults = faults
        self._running: set[tuple[str, str]] = set()

    def context(self, request: ApiRequest) -> Context:
        """Return what operations for this request work with."""
        return Context(self.store, self.clock, request)

    async def call(self, request: ApiRequest) -> Answer:
        """Answer a call; raises ConnectionDroppedError for a fault that closes the connection."""
        headers = {"Request-Id": request.request_id}
        if request.idempotency_key:
            headers["Idempotency-Key"] = request.idempotency_key
        running = (request.account, request.idempotency_key or "")
        if request.idempotency_key and running in self._running:
            return self._refuse(request, key_in_use(request.idempotency_key), headers)
        try:
            saved = saved_answer(self.store, request, self.clock.now())
        except StripeApiError as error:
            return self._refuse(request, error, headers)
        if saved:
            self._log(request, saved.status, replayed=True)
            headers |= {"Idempotent-Replayed": "true", "Original-Request": saved.request_id}
            return Answer(saved.status, saved.body, headers)
        self._running.add(running)
        try:
            status, body = await self._run(request)
        finally:
            self._running.discard(running)
        return Answer(status, body, headers)

    async def _run(self, request: ApiRequest) -> tuple[int, JsonObject]:
        fault = self.faults.take(request.method, request.path)
        if fault and fault.phase is Phase.BEFORE:
            if fault.kind is FaultKind.DROP:
                self._log(request, None, fault=fault)
                raise ConnectionDroppedError
            if fault.kind is FaultKind.HANG:
                await asyncio.sleep(fault.hang_ms / _MS)
            else:
                return self._fail_before(request, fault)
        status, body = self._execute(request, fault)
        if fault and fault.phase is Phase.AFTER:
            if fault.kind is FaultKind.DROP:
                raise ConnectionDroppedError
            if fault.kind is FaultKind.HANG:
                await asyncio.sleep(fault.hang_ms / _MS)
            else:
                return fault.status, api_error(fault.status).body()
        return status, body

    def _fail_before(self, request: ApiRequest, fault: Fault) -> tuple[int, JsonObject]:
        error = api_error(fault.status)
        if fault.saved:
            save_answer(self.store, request, self.clock.now(), error.status, error.body())
        self._log(request, error.status, fault=fault)
        return error.status, error.body()

    def _execute(self, request: ApiRequest, fault: Fault | None) -> tuple[int, JsonObject]:
        """Carry out the call and save its answer, or the 500 that hides it, in the same transaction."""
        with self.store.transaction():
            self.expire_holds(request)
            executed = True
            try:
                route, ids = self._route(request)
                params = self._parameters(request, route, ids)
            except StripeApiError as error:
                executed, status, body = False, error.status, error.body()
            else:
                status, body = self._operate(self.context(request), route, params, ids)
            hides = fault and fault.kind is FaultKind.ERROR and fault.phase is Phase.AFTER and fault.saved
            if executed:
                kept = (fault.status, api_error(fault.status).body()) if fault and hides else (status, body)
                save_answer(self.store, request, self.clock.now(), *kept)
            self._log(request, status, fault=fault)
        return status, body

    def _operate(self, ctx: Context, route: Route, params: JsonObject, ids: tuple[str, ...]) -> tuple[int, JsonObject]:
        # An operation that refuses has checked before it changed anything; one that is declined has recorded so.
        try:
            body = route.operation(ctx, params, *ids)
            return 200, expand(ctx, body, params.get("expand", []))
        except StripeApiError as error:
            return error.status, error.body()

    def _route(self, request: ApiRequest) -> tuple[Route, tuple[str, ...]]:
        found = find_route(request.method, request.path)
        if found is None:
            raise invalid_request(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)
        return found

    def _parameters(self, request: ApiRequest, route: Route, ids: tuple[str, ...]) -> JsonObject:
        raw = decode(request.raw_params)
        if request.publishable:
            # The app's own key opens one intent, by its client secret.
            raw.pop("key", None)
            intent = self.store.find(ids[0]) if route.publishable and ids else None
            if not intent or intent[1].get("client_secret") != raw.pop("client_secret", ""):
                raise StripeApiError(
                    401,
                    "invalid_request_error",
                    "This API call cannot be made with a publishable API key without the object's client secret.",
                    code="secret_key_required",
                )
        return check(raw, route.params_type, route.supported)

    def expire_holds(self, request: ApiRequest) -> None:
        """Cancel every intent whose hold is past its `capture_before`."""
        for row in self.store.rows(
            "select id, account from objects where expires_at is not null and expires_at <= ?", self.clock.now()
        ):
            found = self.store.find(row["id"])
            if found:
                account, intent = found
                automatic = ApiRequest("", "", account, (), request.api_version)
                cancellations.expire(self.context(automatic), intent)

    def _refuse(self, request: ApiRequest, error: StripeApiError, headers: dict[str, str]) -> Answer:
        self._log(request, error.status)
        return Answer(error.status, error.body(), headers)

    def _log(
        self, request: ApiRequest, status: int | None, *, replayed: bool = False, fault: Fault | None = None
    ) -> None:
        self.store.rows(
            "insert into requests (at, account, method, path, idempotency_key, status, replayed, fault)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            self.clock.now(),
            request.account,
            request.method,
            request.path,
            request.idempotency_key,
            status,
            int(replayed),
            fault.name if fault else None,
        )
