"""A firebase-admin app for messaging: with a service account for Google, or led to our double.

firebase-admin has no public way to move the messaging endpoint and retries 500 and 503 on its own for
seconds. Both are changed here, in one place, on the app's own service object; contract tests show that it
holds. Our jobs retry instead, and know which devices already have the message.
"""

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import firebase_admin

DOUBLE_PROJECT = "voltlane-double"
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class FirebaseTarget:
    """Where to send: a service account file for Google, or `api_base` (http://127.0.0.1:port) of a double."""

    credentials_file: Path | None = None
    api_base: str | None = None
    project_id: str | None = None
    timeout_seconds: int = 10


def open_firebase_app(target: FirebaseTarget) -> "firebase_admin.App":
    """Create a firebase-admin app of its own for a target; it makes no network call.

    Raises OSError or ValueError where the service account file cannot be used.
    """
    import firebase_admin
    from firebase_admin import credentials

    options: dict[str, Any] = {"httpTimeout": target.timeout_seconds}
    if target.project_id is not None or target.api_base is not None:
        options["projectId"] = target.project_id or DOUBLE_PROJECT
    if target.api_base is not None:
        credential = _double_credential()
    elif target.credentials_file is not None:
        credential = credentials.Certificate(str(target.credentials_file))
    else:
        raise ValueError("push needs a service account file or the address of a double")
    app: firebase_admin.App = firebase_admin.initialize_app(
        credential, options, name=f"voltlane-messaging-{next(_numbers)}"
    )
    _configure_service(app, target)
    return app


def close_firebase_app(app: "firebase_admin.App") -> None:
    """Delete an app and close its connections; not to be called on an event loop's thread."""
    import firebase_admin

    session = _service(app)._client.session  # noqa: SLF001 - firebase-admin leaves this session open
    firebase_admin.delete_app(app)
    session.close()


def _configure_service(app: "firebase_admin.App", target: FirebaseTarget) -> None:
    from requests.adapters import HTTPAdapter

    service = _service(app)
    session = service._client.session  # noqa: SLF001 - see the module's docstring
    base = "https://fcm.googleapis.com"
    if target.api_base is not None:
        base = target.api_base.rstrip("/")
        service._fcm_url = f"{base}/v1/projects/{app.project_id}/messages:send"  # noqa: SLF001
        session.trust_env = False  # a proxy from the environment must not see loopback
    session.mount(base, HTTPAdapter(pool_connections=1, pool_maxsize=16, max_retries=0))


def _service(app: "firebase_admin.App") -> Any:
    from firebase_admin import messaging

    return messaging._get_messaging_service(app)  # noqa: SLF001 - see the module's docstring


def _double_credential() -> Any:
    from google.auth.credentials import Credentials

    class DoubleCredential(Credentials):
        """A bearer token that is always valid and never fetched."""

        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.token = "voltlane-double"  # noqa: S105 - the double takes any token

        def refresh(self, request: object) -> None:
            """Keep the token."""

    return DoubleCredential()
