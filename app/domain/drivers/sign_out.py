"""Signing out: of the device that asks, or of all."""

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.families import lock_subject_of_kind, revoke_families, revoke_family
from app.domain.drivers.tables import SubjectKind
from app.domain.principals import Principal, PrincipalKind
from app.kit.clock import Clock


async def sign_out(database: Database, clock: Clock, principal: Principal, *, everywhere: bool = False) -> None:
    """Revoke the caller's family, or with `everywhere` all of the caller's families.

    The access token itself ends by its own expiry; `principal_is_live` refuses it at once. A guest has no family: the
    guest's token ends by itself.
    """

    async def work(uow: UnitOfWork) -> None:
        is_operator = principal.kind is PrincipalKind.OPERATOR
        kind = SubjectKind.OPERATOR if is_operator else SubjectKind.DRIVER
        subject = await lock_subject_of_kind(uow, kind, principal.subject_id)
        if subject is None:
            return
        if everywhere:
            await revoke_families(uow, subject, clock.now())
        elif principal.family_id is not None:
            await revoke_family(uow, principal.family_id, clock.now())

    await database.transact(principal.tenant_id, work)
