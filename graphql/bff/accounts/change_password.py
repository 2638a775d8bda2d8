"""`changePassword`: of a signed-in driver, who gives the current one."""

import strawberry

from app.domain.drivers.change_password import change_password
from app.domain.drivers.errors import AccountDisabledError, WeakPasswordError, WrongPasswordError
from bff.access import DriverField
from bff.context import Info
from bff.fields import mutation, payload


@strawberry.input
class ChangePasswordInput:
    """The current and the new password."""

    current_password: str
    new_password: str


@payload(WeakPasswordError, WrongPasswordError, AccountDisabledError)
class ChangePasswordPayload:
    """Whether it was changed; every other device is signed out then."""

    changed: bool = False


@strawberry.type
class ChangePassword:
    """The mutation."""

    @mutation(DriverField(account=True))
    @staticmethod
    async def change_password(info: Info, input: ChangePasswordInput) -> ChangePasswordPayload:  # noqa: A002
        """Set a new password; this device stays signed in."""
        context, services = info.context, info.context.services
        await change_password(
            services.database,
            services.clock,
            context.caller,
            passwords=services.passwords,
            current_password=input.current_password,
            new_password=input.new_password,
        )
        return ChangePasswordPayload(changed=True)
