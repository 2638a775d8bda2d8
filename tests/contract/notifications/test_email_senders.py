"""Real mails through a real SMTP server on loopback, and into the maildir a developer reads."""

import email
import mailbox
import socket
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from app.kit.settings import load_settings
from notifications.email.factory import email_sender
from notifications.email.maildir import MaildirSender
from notifications.email.port import Email, EmailNotSentError
from notifications.email.smtp import SmtpSender, SmtpServer
from tests.contract.notifications.smtp_server import PASSWORD, USER, Keeper, make_certificate, smtp_server
from tests.fakes.clock import FrozenClock

FROM = "Strömer <no-reply@brand.example>"
MAIL = Email(
    key="verify:7",
    to="driver@example.com",
    subject="Strömer: Bitte bestätigen",
    plain="Grüße\nhttps://app.example/verify?token=" + "a" * 120 + "\n",
    html="<p>Grüße</p>\n",
)


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def assert_is_mail(message: EmailMessage) -> None:
    assert message["From"] == FROM
    assert message["To"] == "driver@example.com"
    assert message["Subject"] == "Strömer: Bitte bestätigen"
    assert message["Date"] == "Fri, 20 Nov 2026 10:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    parts = [(part.get_content_type(), part.get_content().replace("\r\n", "\n")) for part in message.iter_parts()]
    assert parts == [("text/plain", MAIL.plain), ("text/html", MAIL.html)]


def sender_to(port: int, **options: Any) -> SmtpSender:
    server = replace(SmtpServer("localhost", port, starttls=False, timeout_seconds=5), **options)
    return SmtpSender(server, FROM, FrozenClock())


async def test_mail_arrives_as_written() -> None:
    keeper = Keeper()
    with smtp_server(keeper) as port:
        await sender_to(port).send(MAIL)
        await sender_to(port).send(MAIL)
    first, second = keeper.envelopes
    assert first.mail_from == "no-reply@brand.example"
    assert first.rcpt_tos == ["driver@example.com"]
    assert isinstance(first.content, bytes)
    assert isinstance(second.content, bytes)
    assert_is_mail(read(first.content))
    assert read(first.content)["Message-ID"] == read(second.content)["Message-ID"]


async def test_starttls_and_login(tmp_path: Path) -> None:
    server_tls, client_tls = make_certificate(tmp_path)
    keeper = Keeper()
    with smtp_server(keeper, tls=server_tls, login=True) as port:
        sender = sender_to(port, starttls=True, tls_context=client_tls, username=USER, password=PASSWORD)
        await sender.send(MAIL)
    [envelope] = keeper.envelopes
    assert envelope.rcpt_tos == ["driver@example.com"]


async def test_an_untrusted_certificate_gets_no_mail(tmp_path: Path) -> None:
    server_tls, _ = make_certificate(tmp_path)
    keeper = Keeper()
    with smtp_server(keeper, tls=server_tls) as port, pytest.raises(EmailNotSentError) as refused:
        await sender_to(port, starttls=True).send(MAIL)
    assert not refused.value.permanent
    assert keeper.envelopes == []


async def test_a_server_without_tls_gets_no_mail_where_tls_is_asked_for() -> None:
    keeper = Keeper()
    with smtp_server(keeper) as port, pytest.raises(EmailNotSentError) as refused:
        await sender_to(port, starttls=True).send(MAIL)
    assert not refused.value.permanent
    assert keeper.envelopes == []


async def test_wrong_password_is_worth_another_try(tmp_path: Path) -> None:
    server_tls, client_tls = make_certificate(tmp_path)
    keeper = Keeper()
    with smtp_server(keeper, tls=server_tls, login=True) as port:
        sender = sender_to(port, starttls=True, tls_context=client_tls, username=USER, password="wrong")
        with pytest.raises(EmailNotSentError) as refused:
            await sender.send(MAIL)
    assert str(refused.value).startswith("SMTPAuthenticationError: (535")
    assert not refused.value.permanent
    assert keeper.envelopes == []


@pytest.mark.parametrize(("code", "permanent"), [("550", True), ("451", False)])
async def test_refused_reader(code: str, permanent: bool) -> None:
    keeper = Keeper()
    with smtp_server(keeper) as port, pytest.raises(EmailNotSentError) as refused:
        await sender_to(port).send(replace(MAIL, to=f"{code}-gone@example.com"))
    assert refused.value.permanent is permanent
    assert keeper.envelopes == []


async def test_server_out_of_reach_is_worth_another_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(EmailNotSentError) as refused:
        await sender_to(port).send(MAIL)
    assert not refused.value.permanent


@pytest.mark.parametrize(
    "bad",
    [
        replace(MAIL, to="driver@example.com\nBcc: all@example.com"),
        replace(MAIL, to="no address"),
        replace(MAIL, to=""),
        replace(MAIL, to="driver@example.com, all@example.com"),
        replace(MAIL, to="jürgen@example.com"),
        replace(MAIL, subject="Hello\r\nBcc: all@example.com"),
    ],
)
async def test_no_mail_to_what_is_not_one_address(bad: Email, tmp_path: Path) -> None:
    with pytest.raises(EmailNotSentError) as refused:
        await MaildirSender(tmp_path / "mail", FROM, FrozenClock()).send(bad)
    assert refused.value.permanent
    assert not (tmp_path / "mail").exists()


async def test_domain_with_an_umlaut_is_spelled_as_in_dns() -> None:
    keeper = Keeper()
    with smtp_server(keeper) as port:
        await sender_to(port).send(replace(MAIL, to="driver@münchen.example"))
    assert keeper.envelopes[0].rcpt_tos == ["driver@xn--mnchen-3ya.example"]


async def test_default_settings_write_a_maildir(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data", mail_from=FROM)
    await email_sender(settings, FrozenClock()).send(MAIL)
    [stored] = mailbox.Maildir(tmp_path / "data" / "mail", create=False)
    assert_is_mail(read(stored.as_bytes()))


def test_smtp_settings_reach_the_sender(tmp_path: Path) -> None:
    settings = load_settings(
        smtp_host="mail.example", smtp_port=2525, smtp_user="u", smtp_password="p", smtp_starttls=False
    )
    sender = email_sender(settings, FrozenClock())
    assert isinstance(sender, SmtpSender)
    assert sender._server == SmtpServer("mail.example", 2525, "u", "p", starttls=False)
