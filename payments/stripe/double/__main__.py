"""Runs the double: `python -m payments.stripe.double --port 0 --webhook-url … --webhook-secret … --state FILE`.

It listens on 127.0.0.1 only and writes one line, `ready http://127.0.0.1:PORT`, to standard output once it answers.
With `--exit-with-parent` it ends when its standard input closes, which the operating system does when the process
that started it is gone, however that ended.
"""

import argparse
import asyncio
import logging
import os
import socket
import sys
from contextlib import suppress

import uvicorn

from app.kit.clock import SystemClock
from payments.stripe.double.app import DoubleApp
from payments.stripe.double.context import DoubleClock
from payments.stripe.double.deliveries import Deliveries
from payments.stripe.double.faults import Faults
from payments.stripe.double.parameters import typed_parameters
from payments.stripe.double.service import StripeDouble
from payments.stripe.double.store import Store

_HOST = "127.0.0.1"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m payments.stripe.double", description="Stripe test double")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--webhook-url", help="where signed events are sent; none are sent without it")
    parser.add_argument("--webhook-secret", help="the signing secret, whsec_…")
    parser.add_argument("--state", default=":memory:", help="SQLite file that survives a restart")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when standard input closes")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace, listener: socket.socket) -> None:
    store = Store(arguments.state)
    for name in ("webhook_url", "webhook_secret"):
        if getattr(arguments, name):
            store.set_setting(name, getattr(arguments, name))
    clock = DoubleClock(SystemClock(), store)
    deliveries = Deliveries(store, clock)
    app = DoubleApp(StripeDouble(store, clock, Faults()), deliveries)
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    )
    if arguments.exit_with_parent:
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _stop_at_end_of_input, server)
    delivering = asyncio.create_task(deliveries.run())
    typed_parameters("PaymentIntentCreateParams")  # the library's slow import, before the first caller waits for it
    sys.stdout.write(f"ready http://{_HOST}:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    try:
        await server.serve(sockets=[listener])
    finally:
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering
        store.close()


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        server.should_exit = True


def main() -> None:
    """Parse the arguments and serve until told to stop."""
    logging.basicConfig(level=logging.WARNING)
    # A dropped connection is an answer asked for, not a failure of the application.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
    arguments = _arguments()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, arguments.port))
        listener.listen(1024)
        asyncio.run(_serve(arguments, listener))


if __name__ == "__main__":
    main()
