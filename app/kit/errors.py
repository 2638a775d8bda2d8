"""The errors a caller can be shown.

    VoltlaneError
    ├── UserError              the request cannot be carried out; `code`, `message` and `field` go to the app
    │   ├── InvalidInputError      a value is malformed or out of range
    │   ├── NotFoundError          there is no such thing, or not for this caller
    │   ├── NotAllowedError        the caller may not do this
    │   ├── NotSignedInError       the call needs a signed-in caller
    │   └── ConflictError          the state of things does not allow it now
    └── ConfigurationError     the program cannot start with these settings

Everything else that is raised is a programming error: it is logged with its traceback and shown masked.
"""


class VoltlaneError(Exception):
    """Base of all errors raised on purpose."""


class UserError(VoltlaneError):
    """The request cannot be carried out; the code is stable, the message is for people."""

    code: str = "ERROR"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field


class InvalidInputError(UserError):
    """A value is malformed or out of range."""

    code = "INVALID_INPUT"


class NotFoundError(UserError):
    """There is no such thing, or not for this caller."""

    code = "NOT_FOUND"


class NotAllowedError(UserError):
    """The caller is known and may not do this."""

    code = "NOT_ALLOWED"


class NotSignedInError(UserError):
    """The call needs a signed-in caller."""

    code = "NOT_SIGNED_IN"


class ConflictError(UserError):
    """The state of things does not allow it now."""

    code = "CONFLICT"


class ConfigurationError(VoltlaneError):
    """The program cannot start with these settings; the message names each bad one."""
