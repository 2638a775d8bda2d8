"""`voltlane simulate`: simulated chargers against an endpoint."""

from app.kit.errors import ConfigurationError
from app.server.cli.common import console


def run_simulate(
    url: str,
    stations: int,
    version: str,
    prefix: str,
    password: str | None,
    *,
    connectors: int,
    max_power_w: int,
    speed: int,
) -> int:
    """Run until interrupted; return the exit code. Raises ConfigurationError for an address of another kind."""
    if not url.startswith(("ws://", "wss://")):
        raise ConfigurationError("--url: an OCPP address begins with ws:// or wss://")
    from ocpp_bridge.simulator import simulate_command

    return simulate_command(
        url,
        stations,
        version,  # type: ignore[arg-type]
        prefix,
        password,
        connectors=connectors,
        max_power_w=max_power_w,
        speed=speed,
        report=console.print,
    )
