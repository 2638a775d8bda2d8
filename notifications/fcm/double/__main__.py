"""Runs the FCM double: `python -m notifications.fcm.double --port P` (0 takes a free port).

The first line on stdout is JSON with the address; the port is listening by then. With `--exit-with-parent`
the process ends when its stdin is closed, which also happens when the parent is killed.
"""

import argparse
import json
import os
import socket
import sys
import threading

import uvicorn

from notifications.fcm.double.server import create_double

LOOPBACK = "127.0.0.1"


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m notifications.fcm.double", description="A double of FCM.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when stdin is closed")
    options = parser.parse_args()
    listener = socket.create_server((LOOPBACK, options.port))
    port = listener.getsockname()[1]
    config = uvicorn.Config(create_double(), log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    if options.exit_with_parent:
        threading.Thread(target=_stop_at_end_of_stdin, args=(server,), daemon=True).start()
    sys.stdout.write(json.dumps({"url": f"http://{LOOPBACK}:{port}", "port": port}) + "\n")
    sys.stdout.flush()
    server.run(sockets=[listener])


def _stop_at_end_of_stdin(server: uvicorn.Server) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.should_exit = True


if __name__ == "__main__":
    main()
