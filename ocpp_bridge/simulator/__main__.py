"""`python -m ocpp_bridge.simulator`: stations as a process of their own, which can be interrupted or killed."""

import argparse
import asyncio
import logging
import sys
from decimal import Decimal

from ocpp_bridge.simulator.config import StationConfig
from ocpp_bridge.simulator.control import run_console
from ocpp_bridge.simulator.fleet import Autoplay, simulate_command


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ocpp_bridge.simulator", description=__doc__)
    parser.add_argument(
        "--url", required=True, help="WebSocket URL without identity, e.g. ws://127.0.0.1:8000/ocpp/default"
    )
    parser.add_argument("--version", choices=["1.6", "2.0.1"], default="1.6")
    parser.add_argument("--stations", type=int, default=1)
    parser.add_argument("--prefix", default="SIM", help="identities are the prefix and a four-digit number")
    parser.add_argument("--identity", help="the identity of a single station, instead of a prefix")
    parser.add_argument("--password")
    parser.add_argument("--connectors", type=int, default=1)
    parser.add_argument("--power", type=int, default=150_000, help="W per connector")
    parser.add_argument("--battery", type=int, default=60_000, help="Wh of the cars, with --control")
    parser.add_argument("--sample-interval", type=float, default=10, help="seconds, divided by --speed, with --control")
    parser.add_argument("--speed", type=Decimal, default=Decimal(1), help="shorter intervals and smaller batteries")
    parser.add_argument("--autoplay", action="store_true", help="random drivers come and go")
    parser.add_argument("--token", action="append", help="a token the random drivers use; repeatable")
    parser.add_argument("--control", action="store_true", help="one station, driven by lines on standard input")
    parser.add_argument("--verbose", action="store_true")
    return parser


def _single(arguments: argparse.Namespace) -> StationConfig:
    return StationConfig(
        identity=arguments.identity or f"{arguments.prefix}0001",
        url_base=arguments.url,
        version=arguments.version,
        password=arguments.password,
        connectors=arguments.connectors,
        max_power_w=arguments.power,
        battery_wh=arguments.battery,
        sample_interval_s=arguments.sample_interval,
        speed=arguments.speed,
        reconnect_first_s=0.5,
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(argv: list[str] | None = None) -> int:
    """Run as the arguments say and return the exit code."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.WARNING, stream=sys.stderr)
    if arguments.control:
        asyncio.run(run_console(_single(arguments)))
        return 0
    return simulate_command(
        arguments.url,
        arguments.stations,
        arguments.version,
        arguments.prefix,
        arguments.password,
        connectors=arguments.connectors,
        max_power_w=arguments.power,
        speed=arguments.speed,
        autoplay=Autoplay(tokens=tuple(arguments.token or ["SIMULATOR-DRIVER"])) if arguments.autoplay else None,
        report=_say,
    )


if __name__ == "__main__":
    sys.exit(main())
