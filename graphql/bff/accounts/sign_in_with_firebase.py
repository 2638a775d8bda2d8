"""`signInWithFirebase`: a Firebase ID token instead of a password."""

import strawberry

from app.domain.drivers.errors import AccountDisabledError, AccountNotLinkedError
from app.domain.drivers.firebase_sign_in import firebase_sign_in
from app.kit.errors import ConflictError
from bff.access import PublicField
from bff.accounts.types import AuthTokens, Driver
from bff.context import Info
from bff.fields import mutation, payload


class FirebaseNotConfiguredError(ConflictError):
    """This installation has no Firebase project."""

    code = "FIREBASE_NOT_CONFIGURED"


@strawberry.input
class SignInWithFirebaseInput:
    """The ID token of the Firebase SDK."""

    id_token: str
    device: str | None = None


@payload(AccountNotLinkedError, AccountDisabledError, FirebaseNotConfiguredError)
class SignInWithFirebasePayload:
    """The driver, whether the account is new, and the device's tokens."""

    driver: Driver | None = None
    created: bool | None = None
    tokens: AuthTokens | None = None


@strawberry.type
class SignInWithFirebase:
    """The mutation."""

    @mutation(PublicField())
    @staticmethod
    async def sign_in_with_firebase(
        info: Info,
        input: SignInWithFirebaseInput,  # noqa: A002
    ) -> SignInWithFirebasePayload:
        """Sign a device in; the first sign-in of a Firebase account links or creates its driver."""
        context, services = info.context, info.context.services
        if services.firebase is None:
            raise FirebaseNotConfiguredError("sign-in with Firebase is not configured")
        signed_in = await firebase_sign_in(
            services.database,
            context.tenant_id,
            services.clock,
            verifier=services.firebase,
            tokens=services.tokens,
            id_token=input.id_token,
            client_address=context.client_address,
            device=input.device or context.device,
        )
        return SignInWithFirebasePayload(
            driver=Driver.of(signed_in.driver), created=signed_in.created, tokens=AuthTokens.of(signed_in.tokens)
        )
