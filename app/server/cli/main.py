"""The commands and their options; each command's work is in a module of its own, imported when it is run."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.kit.errors import ConfigurationError, UserError

cli = typer.Typer(
    name="voltlane",
    help="The backend behind a white-label EV-charging app.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: formatting it with rich takes longer than all the rest
)

Port = Annotated[int | None, typer.Option("--port", help="Port to serve on (default 8080; 0 picks a free one).")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Folder of the embedded database and the doubles.")]
Tenant = Annotated[str | None, typer.Option("--tenant", help="Slug of the brand (default: the default brand).")]


class Role(StrEnum):
    """What a process does."""

    API = "api"
    OCPP = "ocpp"
    WORKER = "worker"


class Register(StrEnum):
    """A register of charging stations that can be imported."""

    BNETZA = "bnetza"
    IRVE = "irve"
    OCPI = "ocpi"


class StationVersion(StrEnum):
    """An OCPP version the simulator speaks."""

    V16 = "1.6"
    V201 = "2.0.1"


class NewOperatorRole(StrEnum):
    """The role of a new operator."""

    OWNER = "owner"
    MANAGER = "manager"
    SUPPORT = "support"
    READ_ONLY = "read-only"


@cli.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the journey instead of serving on.")] = False,
    port: Port = None,
    data_dir: DataDir = None,
    speed: Annotated[int, typer.Option("--speed", min=1, max=20, help="How fast the journey's charge goes.")] = 4,
) -> None:
    """Start everything with real stations and simulated chargers, and play a driver's journey."""
    from app.server.demo.command import run_demo

    raise typer.Exit(run_demo(once=once, port=port, data_dir=data_dir, speed=speed))


@cli.command()
def up(
    port: Port = None,
    data_dir: DataDir = None,
    role: Annotated[
        list[Role] | None, typer.Option("--role", help="Only this role (repeat for several); all by default.")
    ] = None,
) -> None:
    """Serve the API, the OCPP endpoint and the worker."""
    from app.server.cli.up import run_up

    run_up(port=port, data_dir=data_dir, roles=frozenset(item.value for item in role or ()))


@cli.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database's tables up to date."""
    from app.server.cli.migrate import run_migrate

    run_migrate(data_dir=data_dir)


@cli.command("import")
def import_(
    register: Register,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    data_dir: DataDir = None,
    tenant: Tenant = None,
) -> None:
    """Import charging stations from a register; a second run changes nothing."""
    from app.server.cli.import_file import run_import

    run_import(register.value, file, data_dir=data_dir, tenant=tenant)


@cli.command()
def simulate(
    url: Annotated[str, typer.Option("--url", help="OCPP address, e.g. ws://127.0.0.1:8080/ocpp/default")],
    stations: Annotated[int, typer.Option("--stations", min=1, max=5000)] = 1,
    version: StationVersion = StationVersion.V16,
    prefix: Annotated[str, typer.Option("--prefix", help="Identities are PREFIX0001, PREFIX0002 …")] = "SIM",
    password: Annotated[str | None, typer.Option("--password", help="Basic authentication for all stations.")] = None,
    connectors: Annotated[int, typer.Option("--connectors", min=1, max=8)] = 1,
    max_power_kw: Annotated[int, typer.Option("--max-power-kw", min=1, max=1000)] = 150,
    speed: Annotated[int, typer.Option("--speed", min=1, max=1000)] = 1,
) -> None:
    """Run simulated chargers against an OCPP endpoint until interrupted."""
    from app.server.cli.simulate import run_simulate

    raise typer.Exit(
        run_simulate(
            url,
            stations,
            version.value,
            prefix,
            password,
            connectors=connectors,
            max_power_w=max_power_kw * 1000,
            speed=speed,
        )
    )


@cli.command("create-operator")
def create_operator(
    email: Annotated[str, typer.Option("--email")],
    name: Annotated[str, typer.Option("--name")] = "Operator",
    role: Annotated[NewOperatorRole, typer.Option("--role")] = NewOperatorRole.OWNER,
    password: Annotated[
        str | None, typer.Option("--password", help="Asked for, or made up and printed, where missing.")
    ] = None,
    data_dir: DataDir = None,
    tenant: Tenant = None,
) -> None:
    """Add a person who may run the network."""
    from app.server.cli.create_operator import run_create_operator

    run_create_operator(email, name, role.name, password, data_dir=data_dir, tenant=tenant)


@cli.command("add-charger")
def add_charger(
    identity: Annotated[str, typer.Argument(help="The charger's OCPP identity.")],
    location: Annotated[
        str | None, typer.Option("--location", help="Id or register id of its location; a new one where missing.")
    ] = None,
    evses: Annotated[int, typer.Option("--evses", min=1, max=32)] = 1,
    max_power_kw: Annotated[int, typer.Option("--max-power-kw", min=1, max=1000)] = 150,
    count: Annotated[
        int, typer.Option("--count", min=1, max=5000, help="Several: IDENTITY0001, IDENTITY0002 … with one password.")
    ] = 1,
    data_dir: DataDir = None,
    tenant: Tenant = None,
) -> None:
    """Register a charger; prints the URL and password to set on it."""
    from app.server.cli.add_charger import run_add_charger

    run_add_charger(identity, location, evses, max_power_kw * 1000, count, data_dir=data_dir, tenant=tenant)


@cli.command("export-schema")
def export_schema(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; printed where missing.")] = None,
) -> None:
    """Write the GraphQL schema (SDL)."""
    from app.server.cli.export_schema import run_export_schema

    run_export_schema(file)


def main() -> None:
    """Run the command line; what the user can mend is one clear message and exit code 2."""
    try:
        cli()
    except (ConfigurationError, UserError) as error:
        print(f"voltlane: {error}", file=sys.stderr)
        sys.exit(2)
    except ConnectionError as error:
        print(f"voltlane: cannot reach the database or another service: {error}", file=sys.stderr)
        sys.exit(2)
