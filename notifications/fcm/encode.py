"""A push message as firebase-admin's `Message`, with what Android and Apple devices each need.

FCM makes notifications without a collapse key replace one another per app, so every message carries its own
(Android `collapse_key` and `tag`, Apple `apns-collapse-id`, web `tag`): a message sent twice is shown once.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from notifications.fcm.port import PushMessage

if TYPE_CHECKING:
    from firebase_admin import messaging

ANDROID_CHANNEL = "charging"
"""The notification channel the app creates on Android 8 and newer."""


def encode_message(message: PushMessage, now: datetime) -> "messaging.Message":
    """Return the message for firebase-admin; `now` dates Apple's absolute expiry."""
    from firebase_admin import messaging

    encoded = messaging.Message(
        data=dict(message.data),
        notification=messaging.Notification(title=message.title, body=message.body),
        android=messaging.AndroidConfig(
            collapse_key=message.collapse_key,
            priority="high",
            ttl=message.ttl,
            notification=messaging.AndroidNotification(
                tag=message.collapse_key, channel_id=ANDROID_CHANNEL, sound="default"
            ),
        ),
        webpush=messaging.WebpushConfig(notification=messaging.WebpushNotification(tag=message.collapse_key)),
        apns=messaging.APNSConfig(
            headers={
                "apns-push-type": "alert",
                "apns-priority": "10",
                "apns-collapse-id": message.collapse_key,
                "apns-expiration": str(int((now + message.ttl).timestamp())),
            },
            payload=messaging.APNSPayload(aps=messaging.Aps(sound="default", thread_id=message.collapse_key)),
        ),
    )
    # FCM's `token` takes registration tokens and installation ids alike; only the constructor argument is
    # deprecated, and its warning cannot be silenced safely on several threads.
    encoded.token = message.token
    return encoded
