"""Accounts, devices and preferences through the app's documents, looked at in the stored rows."""

from dataclasses import replace

from sqlalchemy import select

from app.domain.drivers.errors import TokenInvalidError
from app.domain.drivers.ports import FirebaseIdentity
from app.domain.drivers.tables import Driver, DriverIdentity, RefreshToken
from bff.ids import global_id
from notifications.tables import Device, NotificationPreference
from tests.integration.bff.api import PASSWORD, Api, serve

EMAIL = "ada@example.com"


async def _driver(api: Api) -> Driver:
    async with api.world.app.read(api.world.tenant.id) as db:
        row = await db.scalar(select(Driver).where(Driver.email == EMAIL))
    assert row is not None
    return row


async def test_signing_up_verifying_and_changing_the_profile(api: Api) -> None:
    driver_id, token = await api.sign_up(EMAIL)
    me = (await api.run("Me", token=token)).data["me"]
    assert (me["id"], me["emailVerified"]) == (global_id("Driver", driver_id), False)
    again = (await api.run("RequestEmailVerification", token=token)).data["requestEmailVerification"]
    assert (again["requested"], len(api.mails.verifications)) == (True, 2)
    verified = (await api.run("VerifyEmail", input={"token": api.mails.verifications[-1]})).data["verifyEmail"]
    assert verified["driver"]["emailVerified"] is True
    bad = (await api.run("VerifyEmail", input={"token": "nonsense"})).data["verifyEmail"]
    assert bad["userErrors"][0]["code"] == "TOKEN_INVALID"
    changed = await api.do("UpdateProfile", "updateProfile", token=token, name="Ada", locale="en-GB")
    row = await _driver(api)
    assert (changed["driver"]["name"], row.name, row.locale) == ("Ada", "Ada", "en-GB")
    assert row.email_verified_at is not None


async def test_a_taken_address_and_a_weak_password_are_told(api: Api) -> None:
    await api.sign_up(EMAIL)
    taken = await api.do("SignUp", "signUp", email=EMAIL, password="another good password")
    assert (taken["driver"], taken["userErrors"][0]["code"]) == (None, "EMAIL_TAKEN")
    weak = await api.do("SignUp", "signUp", email="b@example.com", password="short")
    assert weak["userErrors"][0]["code"] == "WEAK_PASSWORD"
    async with api.world.app.read(api.world.tenant.id) as db:
        assert len((await db.scalars(select(Driver).where(Driver.email.is_not(None)))).all()) == 1


async def test_signing_in_refreshing_and_signing_out(api: Api) -> None:
    await api.sign_up(EMAIL)
    wrong = await api.do("SignIn", "signIn", email=EMAIL, password="wrong password!")
    assert wrong["userErrors"][0]["code"] == "SIGN_IN_FAILED"
    tokens = (await api.do("SignIn", "signIn", email=EMAIL, password=PASSWORD, device="Phone"))["tokens"]
    fresh = await api.do("RefreshSession", "refreshSession", refreshToken=tokens["refreshToken"])
    assert fresh["tokens"]["refreshToken"] != tokens["refreshToken"]
    done = await api.do("SignOut", "signOut", token=fresh["tokens"]["accessToken"], allDevices=True)
    assert done["signedOut"] is True
    over = await api.do("RefreshSession", "refreshSession", refreshToken=fresh["tokens"]["refreshToken"])
    assert over["userErrors"][0]["code"] == "TOKEN_INVALID"
    async with api.world.app.read(api.world.tenant.id) as db:
        rows = (await db.scalars(select(RefreshToken))).all()
    assert rows
    assert all(row.revoked_at is not None for row in rows)
    refused = await api.run("UpdateProfile", token=fresh["tokens"]["accessToken"], input={"name": "Eve"})
    assert refused.code == "TOKEN_INVALID"
    assert (await _driver(api)).name is None


async def test_passwords_are_changed_and_reset(api: Api) -> None:
    _, token = await api.sign_up(EMAIL)
    before = (await _driver(api)).password_hash
    wrong = await api.do(
        "ChangePassword",
        "changePassword",
        token=token,
        currentPassword="nope nope nope",
        newPassword="a new password 1",
    )
    assert wrong["userErrors"][0]["code"] == "WRONG_PASSWORD"
    assert (await _driver(api)).password_hash == before
    changed = await api.do(
        "ChangePassword", "changePassword", token=token, currentPassword=PASSWORD, newPassword="a new password 1"
    )
    assert changed == {"changed": True, "userErrors": []}
    for address in (EMAIL, "nobody@example.com"):
        asked = await api.do("RequestPasswordReset", "requestPasswordReset", email=address)
        assert asked == {"requested": True, "userErrors": []}
    (link,) = api.mails.resets
    reset = (await api.run("ResetPassword", input={"token": link, "newPassword": "yet another one 2"})).data
    assert reset["resetPassword"] == {"reset": True, "userErrors": []}
    signed_in = await api.do("SignIn", "signIn", email=EMAIL, password="yet another one 2")
    assert signed_in["driver"]["email"] == EMAIL


class Verifier:
    """Knows one Firebase ID token."""

    async def verify(self, id_token: str) -> FirebaseIdentity:
        """Return who it speaks for."""
        if id_token != "good":
            raise TokenInvalidError
        return FirebaseIdentity("firebase-1", EMAIL, email_verified=True, name="Ada")


async def test_signing_in_with_firebase(api: Api) -> None:
    missing = await api.do("SignInWithFirebase", "signInWithFirebase", idToken="good")
    assert missing["userErrors"][0]["code"] == "FIREBASE_NOT_CONFIGURED"
    async with serve(replace(api.services, firebase=Verifier()), api.mails, api.world) as other:
        bad = await other.do("SignInWithFirebase", "signInWithFirebase", idToken="bad")
        assert bad["userErrors"][0]["code"] == "TOKEN_INVALID"
        good = await other.do("SignInWithFirebase", "signInWithFirebase", idToken="good")
        assert (good["created"], good["driver"]["email"]) == (True, EMAIL)
    (identity,) = await api.world.rows(DriverIdentity)
    assert global_id("Driver", identity.driver_id) == good["driver"]["id"]


async def test_a_guest_has_no_account_to_change(api: Api) -> None:
    guest = await api.do("CreateGuest", "createGuest", locale="de")
    given = {"currentPassword": PASSWORD, "newPassword": "a new password 1"}
    assert (await api.run("ChangePassword", token=guest["accessToken"], input=given)).code == "NOT_ALLOWED"
    assert (await api.run("Me", token=guest["accessToken"])).data["me"]["kind"] == "GUEST"


async def test_devices_and_preferences(api: Api) -> None:
    driver_id, token = await api.sign_up()
    given = {"token": "device-token-1", "platform": "ANDROID", "locale": "en-GB", "appVersion": "1.2"}
    registered = (await api.run("RegisterDevice", token=token, input=given)).data["registerDevice"]
    (row,) = await api.world.rows(Device)
    assert (row.driver_id, row.token, row.locale) == (driver_id, "device-token-1", "en-GB")
    assert (await api.run("Devices", token=token)).data["devices"] == [registered["device"]]
    bad = (await api.run("RegisterDevice", token=token, input={"token": "x", "platform": "IOS"})).data["registerDevice"]
    assert (bad["userErrors"][0]["field"], bad["userErrors"][0]["code"]) == ("token", "INVALID_INPUT")
    _, other = await api.sign_up()
    for caller, removed in ((other, False), (token, True)):
        answer = (await api.run("UnregisterDevice", token=caller, input={"token": "device-token-1"})).data
        assert answer["unregisterDevice"]["removed"] is removed
    assert await api.world.rows(Device) == []

    off = await api.do(
        "SetNotificationPreference", "setNotificationPreference", token=token, kind="CHARGING_STARTED", enabled=False
    )
    listed = (await api.run("NotificationPreferences", token=token)).data["notificationPreferences"]
    assert off["preferences"] == listed
    assert [each["kind"] for each in listed if not each["enabled"]] == ["CHARGING_STARTED"]
    (choice,) = await api.world.rows(NotificationPreference)
    assert (choice.driver_id, choice.kind, choice.enabled) == (driver_id, "CHARGING_STARTED", False)
