"""One FCM double a test module, emptied before each test, and a sender that reaches it by firebase-admin."""

from collections.abc import AsyncIterator, Iterator

import pytest

from app.kit.clock import SystemClock
from notifications.fcm.double.admin import FcmDoubleAdmin
from notifications.fcm.double.process import FcmDoubleProcess
from notifications.fcm.firebase_app import FirebaseTarget
from notifications.fcm.sender import FcmSender


@pytest.fixture(scope="module")
def fcm_double() -> Iterator[FcmDoubleProcess]:
    with FcmDoubleProcess() as double:
        yield double


@pytest.fixture
async def fcm_admin(fcm_double: FcmDoubleProcess) -> FcmDoubleAdmin:
    admin = FcmDoubleAdmin(fcm_double.url)
    await admin.clear()
    return admin


@pytest.fixture
async def fcm_sender(fcm_double: FcmDoubleProcess, fcm_admin: FcmDoubleAdmin) -> AsyncIterator[FcmSender]:
    sender = FcmSender(FirebaseTarget(api_base=fcm_double.url, project_id="brand-one"), SystemClock())
    yield sender
    await sender.close()
