"""Firebase ID tokens, checked by firebase-admin: signature, project, issuer and time.

With `FIREBASE_AUTH_EMULATOR_HOST` set, the library itself accepts the emulator's unsigned tokens and checks
no time; production mode refuses to start with that variable. Expiry is therefore checked here as well.
Nothing but Google's public certificates is ever fetched, so no service account is needed.
"""

import asyncio
import threading
from itertools import count
from typing import TYPE_CHECKING, Any

from app.domain.drivers.errors import TokenExpiredError, TokenInvalidError
from app.domain.drivers.ports import FirebaseIdentity
from app.kit.clock import Clock

if TYPE_CHECKING:
    import firebase_admin

_MAX_LENGTH = 8192
_LEEWAY_SECONDS = 5
_numbers = count(1)


class FirebaseTokenVerifier:
    """An `IdTokenVerifier` for the tokens of one Firebase project."""

    def __init__(self, project: str, clock: Clock, *, timeout_seconds: int = 10) -> None:
        self._project = project
        self._clock = clock
        self._timeout = timeout_seconds
        self._opening = threading.Lock()
        self._app: firebase_admin.App | None = None

    async def verify(self, id_token: str) -> FirebaseIdentity:
        """Return who the token speaks for. Raises TokenInvalidError, TokenExpiredError.

        Raises firebase_admin's CertificateFetchError where Google's certificates cannot be had.
        """
        if len(id_token) > _MAX_LENGTH:
            raise TokenInvalidError
        return self._identity(await asyncio.to_thread(self._claims, id_token))

    def close(self) -> None:
        """Forget the library's app."""
        if self._app is not None:
            import firebase_admin

            firebase_admin.delete_app(self._app)
            self._app = None

    def _claims(self, id_token: str) -> dict[str, Any]:
        from firebase_admin import auth

        app = self._open()
        try:
            claims: dict[str, Any] = auth.verify_id_token(id_token, app=app, clock_skew_seconds=_LEEWAY_SECONDS)
        except auth.ExpiredIdTokenError as error:
            raise TokenExpiredError from error
        except (auth.InvalidIdTokenError, ValueError, TypeError, AttributeError) as error:
            raise TokenInvalidError from error  # the library lets some malformed tokens escape its own error
        return claims

    def _open(self) -> "firebase_admin.App":
        import firebase_admin
        from google.auth.credentials import AnonymousCredentials

        with self._opening:
            if self._app is None:
                options = {"projectId": self._project, "httpTimeout": self._timeout}
                name = f"voltlane-auth-{next(_numbers)}"
                self._app = firebase_admin.initialize_app(AnonymousCredentials(), options, name=name)
            return self._app

    def _identity(self, claims: dict[str, Any]) -> FirebaseIdentity:
        expiry = claims.get("exp")
        if not isinstance(expiry, int | float):
            raise TokenInvalidError
        if expiry + _LEEWAY_SECONDS <= self._clock.now().timestamp():
            raise TokenExpiredError
        email, name = claims.get("email"), claims.get("name")
        return FirebaseIdentity(
            subject=claims["sub"],
            email=email if isinstance(email, str) else None,
            email_verified=claims.get("email_verified") is True,
            name=name if isinstance(name, str) else None,
        )
