"""A driver's app as its developer would write it from `schema.graphql`: plain HTTP, no code of the server."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

_SIGN_UP = """mutation($input: SignUpInput!) { signUp(input: $input) {
  driver { id } tokens { accessToken } userErrors { field code message } } }"""
_SETUP = "mutation { startCardSetup { setupId clientSecret userErrors { code message } } }"
_SETUP_DONE = """mutation($input: CompleteCardSetupInput!) { completeCardSetup(input: $input) {
  paymentMethod { id last4 } userErrors { code message } } }"""
_EVSE = "query($code: String!) { evseByCode(code: $code) { id status connectors { id } } }"
_START = """mutation($input: StartChargingInput!) { startCharging(input: $input) {
  session { id state failure { code } } userErrors { field code message } } }"""
_STOP = """mutation($input: StopChargingInput!) { stopCharging(input: $input) {
  session { id state stopPending } userErrors { field code message } } }"""
_SESSION = """query($id: ID!) { session(id: $id) { id state startMethod chargingState energyWh energyEstimated powerW
  socPercent runningCost { amountMinor } stopPending stopReason failure { code } startedAt energyEndedAt endedAt
  receipt { number energyWh gross { amountMinor } captured { amountMinor } owed { amountMinor } pdfUrl } } }"""
_ACTIVE = "query { activeSession { id state energyWh stopPending } }"
_SESSIONS = "query { sessions(first: 20) { edges { node { id state energyWh } } } }"


class GraphqlError(Exception):
    """The answer carried `errors`."""


class RefusedError(Exception):
    """A mutation answered with `userErrors`; the first argument is the first one's code."""


@dataclass
class App:
    """One caller of the API."""

    url: str
    token: str | None = None
    driver_id: str | None = None
    http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=40, trust_env=False))

    async def raw(self, query: str, **variables: Any) -> dict[str, Any]:
        """Post a document and return the whole answer."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": query, "variables": variables}
        answer: dict[str, Any] = (await self.http.post(f"{self.url}/graphql", json=body, headers=headers)).json()
        return answer

    async def run(self, query: str, **variables: Any) -> Any:
        """Return the document's one field. Raises GraphqlError, RefusedError."""
        answer = await self.raw(query, **variables)
        if answer.get("errors"):
            raise GraphqlError(answer["errors"])
        told = next(iter(answer["data"].values()))
        if isinstance(told, dict) and told.get("userErrors"):
            raise RefusedError(told["userErrors"][0]["code"], told["userErrors"])
        return told

    async def sign_up(self) -> None:
        """Open an account and keep its token."""
        told = await self.run(_SIGN_UP, input={"email": f"{uuid4().hex}@example.org", "password": "a long pass phrase"})
        self.token, self.driver_id = told["tokens"]["accessToken"], told["driver"]["id"]

    async def save_card(self, stripe_url: str, card: str = "pm_card_visa") -> None:
        """Save a card as the processor's payment sheet does: with the publishable key and the client secret."""
        setup = await self.run(_SETUP)
        brand = await self.run("query { brand { publishablePaymentKey } }")
        secret = setup["clientSecret"]
        confirmed = await self.http.post(
            f"{stripe_url}/v1/setup_intents/{secret.split('_secret_')[0]}/confirm",
            data={"client_secret": secret, "payment_method": card},
            headers={"authorization": f"Bearer {brand['publishablePaymentKey']}"},
        )
        confirmed.raise_for_status()
        await self.run(_SETUP_DONE, input={"setupId": setup["setupId"]})

    async def evse(self, code: str) -> dict[str, Any]:
        """Find a charging point by the code on its sticker."""
        found: dict[str, Any] = await self.run(_EVSE, code=code)
        return found

    async def start(self, code: str, **more: Any) -> dict[str, Any]:
        """Start charging; return the session."""
        given = {"evseId": (await self.evse(code))["id"], "idempotencyKey": str(uuid4())} | more
        session: dict[str, Any] = (await self.run(_START, input=given))["session"]
        return session

    async def stop(self, session_id: str) -> dict[str, Any]:
        """Stop charging; return the session."""
        given = {"sessionId": session_id, "idempotencyKey": str(uuid4())}
        session: dict[str, Any] = (await self.run(_STOP, input=given))["session"]
        return session

    async def session(self, session_id: str) -> dict[str, Any]:
        """Return one of the driver's sessions with its receipt."""
        found: dict[str, Any] = await self.run(_SESSION, id=session_id)
        return found

    async def active(self) -> dict[str, Any] | None:
        """Return the running session."""
        found: dict[str, Any] | None = await self.run(_ACTIVE)
        return found

    async def sessions(self) -> list[dict[str, Any]]:
        """Return the driver's sessions, the newest first."""
        return [edge["node"] for edge in (await self.run(_SESSIONS))["edges"]]
