"""Errors of payments beyond those of the processor's edge.

VoltlaneError
├── OperationLostError        a call whose answer is lost for good had no effect: go on with the next key
├── SettlementBlockedError    a session cannot be settled by the program; an incident says why
└── CaptureRefusedError       the processor refuses to capture a living hold; an incident says so, repeat later
UserError
├── NoPaymentMethodError      there is no card to hold on
├── OpenDebtError             unpaid energy blocks new starts
├── CardInUseError            the card secures a running charge
├── CardNotSavedError         the card was not authenticated, or declined
└── RefundRefusedError        more than was captured and not yet refunded, or nothing was
"""

from app.kit.errors import ConflictError, InvalidInputError, UserError, VoltlaneError


class OperationLostError(VoltlaneError):
    """The key only answers a failure and the processor knows no effect of it."""


class SettlementBlockedError(VoltlaneError):
    """An operator has to decide; repeating cannot help."""


class CaptureRefusedError(VoltlaneError):
    """The processor refuses to capture although the hold lives."""


class NoPaymentMethodError(UserError):
    """There is no card to hold on."""

    code = "NO_PAYMENT_METHOD"


class OpenDebtError(ConflictError):
    """Unpaid energy blocks new starts."""

    code = "OPEN_DEBT"


class CardInUseError(ConflictError):
    """The card secures a running charge."""

    code = "CARD_IN_USE"


class CardNotSavedError(ConflictError):
    """The card was not authenticated, or declined."""

    code = "CARD_NOT_SAVED"


class RefundRefusedError(InvalidInputError):
    """More than was captured and not yet refunded, or nothing was captured."""

    code = "REFUND_REFUSED"
