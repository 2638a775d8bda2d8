"""What can go wrong with accounts, as the app is told it.

The codes are stable. An error about an account that the caller has not proved to own never tells whether it
exists, with one exception that `sign_up` explains (EMAIL_TAKEN).
"""

from app.kit.errors import ConflictError, InvalidInputError, NotAllowedError, NotSignedInError, UserError


class SignInFailedError(NotSignedInError):
    """Unknown account, wrong password, or an account without a password: the caller is not told which."""

    code = "SIGN_IN_FAILED"

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")


class AccountDisabledError(NotAllowedError):
    """The account was switched off by the operator; only told to who proved to own it."""

    code = "ACCOUNT_DISABLED"

    def __init__(self) -> None:
        super().__init__("This account has been disabled.")


class RateLimitedError(UserError):
    """Too many attempts; `retry_after_seconds` says when the next may succeed."""

    code = "RATE_LIMITED"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"Too many attempts. Please try again in {retry_after_seconds} seconds.")
        self.retry_after_seconds = retry_after_seconds


class EmailTakenError(ConflictError):
    """Another account of this brand has the address."""

    code = "EMAIL_TAKEN"

    def __init__(self) -> None:
        super().__init__("There is an account with this e-mail address. Sign in or reset the password.", field="email")


class EmailNotVerifiedError(ConflictError):
    """The action needs a verified e-mail address."""

    code = "EMAIL_NOT_VERIFIED"

    def __init__(self) -> None:
        super().__init__("Please verify your e-mail address first.")


class AccountNotLinkedError(ConflictError):
    """An account with this e-mail exists, but nobody has shown yet that its owner also owns the address."""

    code = "ACCOUNT_NOT_LINKED"

    def __init__(self) -> None:
        super().__init__(
            "There is an account with this e-mail address that was never verified. "
            "Verify it or reset its password; then this sign-in can be linked."
        )


class WeakPasswordError(InvalidInputError):
    """The new password is too short, too long or too easy to guess."""

    code = "WEAK_PASSWORD"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, field="password")


class WrongPasswordError(NotAllowedError):
    """The current password given with a change is wrong."""

    code = "WRONG_PASSWORD"

    def __init__(self) -> None:
        super().__init__("The current password is wrong.", field="currentPassword")


class TokenInvalidError(NotSignedInError):
    """The token is malformed, forged, revoked or not for this."""

    code = "TOKEN_INVALID"

    def __init__(self) -> None:
        super().__init__("The token is not valid.")


class TokenExpiredError(NotSignedInError):
    """The token was valid once."""

    code = "TOKEN_EXPIRED"

    def __init__(self) -> None:
        super().__init__("The token has expired.")


class TokenReusedError(NotSignedInError):
    """The token works once and was used before."""

    code = "TOKEN_REUSED"

    def __init__(self) -> None:
        super().__init__("The token has been used before.")


class IdTokenTakenError(ConflictError):
    """The card belongs to somebody already."""

    code = "ID_TOKEN_TAKEN"

    def __init__(self) -> None:
        super().__init__("This card is registered already.", field="uid")


class IdTokenInUseError(ConflictError):
    """The card has charged: its sessions keep it. Block it instead."""

    code = "ID_TOKEN_IN_USE"

    def __init__(self) -> None:
        super().__init__("This card has been used for charging and cannot be removed. Block it instead.")
