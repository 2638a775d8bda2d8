"""Signing an operator in with e-mail and password."""

from dataclasses import dataclass
from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.attempts import OPERATOR_SIGN_IN_PER_ACCOUNT, OPERATOR_SIGN_IN_PER_ADDRESS
from app.domain.drivers.credentials import SignInLimits, check_credentials, still_holds
from app.domain.drivers.families import TokenPair, start_family
from app.domain.drivers.passwords import Passwords
from app.domain.drivers.tokens import AccessTokens
from app.domain.operators.actor import AdminActor
from app.domain.operators.tables import Operator
from app.domain.operators.view import OperatorView, view_of
from app.kit.clock import Clock

OPERATOR_LIMITS = SignInLimits(OPERATOR_SIGN_IN_PER_ACCOUNT, OPERATOR_SIGN_IN_PER_ADDRESS)


@dataclass(frozen=True, slots=True)
class OperatorSignedIn:
    """An operator whose device is signed in."""

    operator: OperatorView
    tokens: TokenPair


async def sign_in_operator(
    database: Database,
    tenant_id: UUID,
    clock: Clock,
    *,
    passwords: Passwords,
    tokens: AccessTokens,
    email: str,
    password: str,
    client_address: str | None,
    device: str | None = None,
) -> OperatorSignedIn:
    """Start a token family for an operator's device; the audit log notes it.

    Raises InvalidInputError (no e-mail address), RateLimitedError, SignInFailedError, AccountDisabledError (after the
    right password only).
    """
    checked = await check_credentials(
        database,
        tenant_id,
        clock,
        passwords=passwords,
        table=Operator,
        limits=OPERATOR_LIMITS,
        email=email,
        password=password,
        client_address=client_address,
    )

    async def work(uow: UnitOfWork) -> OperatorSignedIn:
        operator = await still_holds(uow, Operator, checked)
        pair = await start_family(uow, tokens, operator, device=device, now=clock.now())
        given = {"client_address": client_address, "device": device}
        AdminActor(operator.email, operator.id).record(uow, "signInOperator", given, operator.id)
        return OperatorSignedIn(view_of(operator), pair)

    return await database.transact(tenant_id, work)
