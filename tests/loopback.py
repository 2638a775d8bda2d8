"""No test leaves this machine: sockets of the test process connect and bind to loopback only.

An audit hook, so that it holds for every library that uses Python's sockets. It cannot be taken out again, which
suits it; processes that tests start are not covered and bind loopback by their own rules.
"""

import ipaddress
import socket
import sys
from typing import Any

_NAMES = frozenset({"localhost"})


class LeavesLoopbackError(AssertionError):
    """A test tried to reach, or to be reached by, another machine."""


def _is_loopback(host: object) -> bool:
    if not isinstance(host, str):
        return False
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host in _NAMES


def _refuse_other_hosts(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.bind"):
        return
    used, address = arguments
    if used.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
        raise LeavesLoopbackError(f"{event} to {address}: tests stay on loopback")


sys.addaudithook(_refuse_other_hosts)
