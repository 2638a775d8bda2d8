"""Settings: defaults run anywhere, each bad value is named, production refuses what only suits a developer."""

from pathlib import Path

import pytest

from app.kit.errors import ConfigurationError
from app.kit.settings import Mode, load_settings

_PRODUCTION = {
    "VOLTLANE_MODE": "production",
    "VOLTLANE_SECRET_KEY": "x" * 40,
    "DATABASE_URL": "postgresql://app@db/voltlane",
    "VOLTLANE_DATABASE_BRIDGE_URL": "postgresql://bridge@db/voltlane",
    "VOLTLANE_STRIPE_SECRET_KEY": "sk_live_1",
    "VOLTLANE_STRIPE_PUBLISHABLE_KEY": "pk_live_1",
    "VOLTLANE_STRIPE_WEBHOOK_SECRETS": "whsec_1, whsec_2",
    "VOLTLANE_FIREBASE_CREDENTIALS": "/etc/firebase.json",
    "VOLTLANE_SMTP_HOST": "mail.example",
}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (*_PRODUCTION, "VOLTLANE_PORT", "VOLTLANE_HOST", "FIREBASE_AUTH_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)


def test_the_defaults_need_no_key_and_stay_on_loopback() -> None:
    settings = load_settings()
    assert settings.mode is Mode.DEVELOPMENT
    assert settings.host == "127.0.0.1"
    assert settings.stripe_secret_key is None
    assert settings.database_url is None


def test_every_bad_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTLANE_PORT", "seventy")
    monkeypatch.setenv("VOLTLANE_HEARTBEAT_SECONDS", "0")
    with pytest.raises(ConfigurationError) as refusal:
        load_settings()
    assert "VOLTLANE_PORT" in str(refusal.value)
    assert "VOLTLANE_HEARTBEAT_SECONDS" in str(refusal.value)


def test_a_dotenv_file_is_read_and_options_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("VOLTLANE_PORT=9000\n")
    assert load_settings().port == 9000
    monkeypatch.setenv("VOLTLANE_PORT", "9001")
    assert load_settings().port == 9001
    assert load_settings(port=9002).port == 9002


def test_development_serves_loopback_only_and_takes_no_live_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTLANE_HOST", "0.0.0.0")
    monkeypatch.setenv("VOLTLANE_STRIPE_SECRET_KEY", "sk_live_1")
    with pytest.raises(ConfigurationError) as refusal:
        load_settings()
    assert "loopback" in str(refusal.value)
    assert "live key" in str(refusal.value)


def test_production_starts_when_everything_is_real(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _PRODUCTION.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.mode is Mode.PRODUCTION
    assert [secret.get_secret_value() for secret in settings.stripe_webhook_secrets] == ["whsec_1", "whsec_2"]


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("VOLTLANE_SECRET_KEY", None, "default secret"),
        ("VOLTLANE_STRIPE_SECRET_KEY", None, "Stripe double"),
        ("VOLTLANE_STRIPE_SECRET_KEY", "sk_test_1", "no real money"),
        ("VOLTLANE_STRIPE_PUBLISHABLE_KEY", None, "no real money"),
        ("VOLTLANE_STRIPE_WEBHOOK_SECRETS", None, "WEBHOOK_SECRETS"),
        ("VOLTLANE_STRIPE_API_BASE", "http://127.0.0.1:1", "double"),
        ("VOLTLANE_FCM_API_BASE", "http://127.0.0.1:1", "double"),
        ("VOLTLANE_FIREBASE_CREDENTIALS", None, "FCM double"),
        ("VOLTLANE_SMTP_HOST", None, "mail double"),
        ("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099", "emulators"),
        ("DATABASE_URL", None, "embedded database"),
    ],
)
def test_production_refuses_what_suits_a_developer(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, complaint: str
) -> None:
    for key, good in _PRODUCTION.items():
        monkeypatch.setenv(key, good)
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=complaint):
        load_settings()


def test_the_bridges_address_is_needed_with_an_external_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/voltlane")
    with pytest.raises(ConfigurationError, match="VOLTLANE_DATABASE_BRIDGE_URL"):
        load_settings()
