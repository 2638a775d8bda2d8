"""A webhook endpoint that keeps what it gets, verified or not, and answers as it is told."""

import asyncio
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

from app.kit.clock import SystemClock
from payments.stripe.views import WebhookEvent
from payments.stripe.webhooks import verify_webhook

SECRET = "whsec_contract"


class WebhookReceiver:
    """Listens on loopback; `deliveries` are (body, signature header) in order of arrival."""

    def __init__(self) -> None:
        self.deliveries: list[tuple[bytes, str]] = []
        self.refuse_next = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                refused = receiver.refuse_next > 0
                receiver.refuse_next -= refused
                if not refused:
                    receiver.deliveries.append((body, self.headers["Stripe-Signature"]))
                self.send_response(500 if refused else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhooks/stripe"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def events(self) -> list[WebhookEvent]:
        """Return what arrived, each verified by our own verifier."""
        now = SystemClock().now()
        return [verify_webhook(body, header, [SECRET], now) for body, header in list(self.deliveries)]

    async def wait_for(self, count: int) -> list[WebhookEvent]:
        """Return the events once `count` deliveries arrived."""
        async with asyncio.timeout(10):
            while len(self.deliveries) < count:  # noqa: ASYNC110 - filled by the server's thread
                await asyncio.sleep(0.02)
        return self.events()
