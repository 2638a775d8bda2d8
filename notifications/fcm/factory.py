"""Which push sender the settings ask for."""

from app.kit.clock import Clock
from app.kit.settings import Settings
from notifications.fcm.firebase_app import FirebaseTarget
from notifications.fcm.port import PushSender
from notifications.fcm.sender import FcmSender


def push_sender(settings: Settings, clock: Clock, double_url: str | None = None) -> PushSender:
    """Return a sender to Google where a service account is set, else to the double at `double_url`.

    A service account always wins: a double left running never swallows real messages.
    """
    if settings.firebase_credentials is not None:
        target = FirebaseTarget(credentials_file=settings.firebase_credentials, project_id=settings.firebase_project)
    else:
        target = FirebaseTarget(api_base=double_url or settings.fcm_api_base, project_id=settings.firebase_project)
    return FcmSender(target, clock)
