"""Tests cannot leave the machine (see tests/loopback.py)."""

import asyncio
import socket

import pytest

from tests.loopback import LeavesLoopbackError

_ELSEWHERE = "192.0.2.1"  # TEST-NET-1 (RFC 5737): nobody is there


def test_no_connection_to_another_machine() -> None:
    with socket.socket() as client, pytest.raises(LeavesLoopbackError):
        client.connect((_ELSEWHERE, 80))


async def test_not_by_asyncio_either() -> None:
    with pytest.raises(LeavesLoopbackError):
        await asyncio.open_connection(_ELSEWHERE, 80)


@pytest.mark.parametrize("address", ["0.0.0.0", "", _ELSEWHERE])
def test_no_server_for_other_machines(address: str) -> None:
    with socket.socket() as server, pytest.raises(LeavesLoopbackError):
        server.bind((address, 0))


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost"])
def test_loopback_is_open(address: str) -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind((address, 0))
        server.listen()
        client.connect((address, server.getsockname()[1]))
        assert client.getpeername() == server.getsockname()
