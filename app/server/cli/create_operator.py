"""`voltlane create-operator`: the first person who may run the network, and others."""

import asyncio
import sys
from getpass import getpass
from pathlib import Path

from app.domain.drivers.passwords import Passwords
from app.domain.operators.actor import COMMAND_LINE
from app.domain.operators.create_operator import create_operator
from app.domain.operators.tables import OperatorRole
from app.kit.ids import new_secret
from app.server.cli.common import console, open_tenant


def run_create_operator(
    email: str, name: str, role: str, password: str | None, *, data_dir: Path | None, tenant: str | None
) -> None:
    """Create an operator; a made-up password is printed once."""
    chosen = password or (getpass("Password (empty: one is made up): ") if sys.stdin.isatty() else "")
    made_up = not chosen
    chosen = chosen or new_secret(12)
    asyncio.run(_create(email, name, OperatorRole[role], chosen, data_dir, tenant))
    console.print(f"Operator {email} was created as {role.lower().replace('_', '-')}.", highlight=False)
    if made_up:
        console.print(f"Password: {chosen}", markup=False, highlight=False)


async def _create(
    email: str, name: str, role: OperatorRole, password: str, data_dir: Path | None, tenant: str | None
) -> None:
    async with open_tenant(data_dir, tenant) as (_, databases, tenant_id):
        await create_operator(
            databases.app,
            tenant_id,
            passwords=Passwords(),
            email=email,
            name=name,
            role=role,
            password=password,
            actor=COMMAND_LINE,
        )
