"""Where the card processor's webhooks arrive: the raw body is verified before anything else, stored, answered at
once.
"""

from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler

from payments.deps import PaymentDeps
from payments.stripe.webhooks import WebhookRefusedError
from payments.webhooks import receive_webhook


def create_webhook_route(deps: PaymentDeps, secrets: tuple[str, ...]) -> HTTPRouteHandler:
    """Return the route `POST /webhooks/stripe`."""

    @post("/webhooks/stripe", media_type=MediaType.TEXT, status_code=200, request_max_body_size=1024 * 1024)
    async def stripe_webhook(request: Request[None, None, State]) -> Response[str]:
        signature = request.headers.get("stripe-signature", "")
        try:
            outcome = await receive_webhook(deps, secrets, await request.body(), signature)
        except WebhookRefusedError:
            return Response("refused", status_code=400, media_type=MediaType.TEXT)
        return Response(outcome.value, media_type=MediaType.TEXT)

    return stripe_webhook
