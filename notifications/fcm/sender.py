"""Push through firebase-admin.

The library's calls block (its async ones too while they fetch a Google token), so they run on a few threads
of the sender's own; importing it takes a while and happens there as well, with the first message.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from app.kit.clock import Clock
from notifications.fcm.encode import encode_message
from notifications.fcm.firebase_app import FirebaseTarget, close_firebase_app, open_firebase_app
from notifications.fcm.outcome import result_of_error
from notifications.fcm.port import DeliveryResult, DeliveryStatus, PushMessage

if TYPE_CHECKING:
    import firebase_admin

_THREADS = 8


class FcmSender:
    """A `PushSender` for one Firebase project."""

    def __init__(self, target: FirebaseTarget, clock: Clock) -> None:
        self._target = target
        self._clock = clock
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="fcm")
        self._opening = Lock()
        self._app: firebase_admin.App | None = None

    async def send(self, messages: Sequence[PushMessage]) -> list[DeliveryResult]:
        """Send each message once, some at a time, and return the results in the same order.

        Raises OSError or ValueError, before anything is sent, where the service account cannot be used.
        """
        if not messages:
            return []
        loop = asyncio.get_running_loop()
        app = await loop.run_in_executor(self._threads, self._opened_app)
        send_one = partial(self._send_one, app)
        calls = [loop.run_in_executor(self._threads, send_one, message) for message in messages]
        return list(await asyncio.gather(*calls))

    async def close(self) -> None:
        """Finish what is being sent and close the connections to the service."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _send_one(self, app: "firebase_admin.App", message: PushMessage) -> DeliveryResult:
        from firebase_admin import messaging
        from firebase_admin.exceptions import FirebaseError
        from google.auth.exceptions import GoogleAuthError

        try:
            message_id = messaging.send(encode_message(message, self._clock.now()), app=app)
        except (FirebaseError, GoogleAuthError) as error:
            return result_of_error(error)
        except ValueError as error:  # the library refuses to encode it
            return DeliveryResult(DeliveryStatus.FAILED, error=f"NOT_ENCODED: {error}")
        return DeliveryResult(DeliveryStatus.SENT, message_id=message_id)

    def _opened_app(self) -> "firebase_admin.App":
        with self._opening:
            if self._app is None:
                self._app = open_firebase_app(self._target)
            return self._app

    def _close(self) -> None:
        self._threads.shutdown()
        if self._app is not None:
            close_firebase_app(self._app)
            self._app = None
