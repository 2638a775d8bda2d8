"""The exact e-mails of an account, in plain text and HTML."""

from datetime import timedelta

from notifications.messages.emails import AccountLink, EmailKind, render_email

CONTENT = AccountLink("Strom & Co", "https://app.example/verify?a=1&b=%22", timedelta(hours=24))


def test_german_verification_mail() -> None:
    mail = render_email(EmailKind.VERIFY_EMAIL, CONTENT, "de-DE")
    assert mail.subject == "Strom & Co: Bitte bestätigen Sie Ihre E-Mail-Adresse"
    assert mail.plain == (
        "Willkommen bei Strom & Co. Bitte bestätigen Sie, dass diese E-Mail-Adresse Ihnen gehört.\n\n"
        "E-Mail-Adresse bestätigen:\nhttps://app.example/verify?a=1&b=%22\n\n"
        "Gültigkeit des Links: 24 Stunden.\n\n"
        "Wenn Sie kein Konto angelegt haben, können Sie diese E-Mail ignorieren.\n\n"
        "Strom & Co\n"
    )


def test_html_escapes_values_and_carries_the_same_texts() -> None:
    mail = render_email(EmailKind.RESET_PASSWORD, CONTENT, "en")
    assert '<html lang="en">' in mail.html
    assert '<p><a href="https://app.example/verify?a=1&amp;b=%22">Choose a new password</a></p>' in mail.html
    assert "<p>A new password was requested for your Strom &amp; Co account.</p>" in mail.html
    assert "<p>This link works for: 24 hours. It can be used only once.</p>" in mail.html
    assert "Strom & Co" not in mail.html


def test_short_validity_is_told_in_minutes() -> None:
    content = AccountLink("B", "https://x", timedelta(minutes=30))
    assert "Gültigkeit des Links: 30 Minuten." in render_email(EmailKind.RESET_PASSWORD, content, "de").plain
