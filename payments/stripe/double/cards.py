"""Stripe's test cards by the ids its documentation gives them, and how the double lets each one behave.

Names and last four digits are those of Stripe's "Test card numbers"; the two `pm_double_…` wallet cards are the
double's own, for Stripe publishes no test id for a wallet.
"""

from dataclasses import dataclass
from enum import Enum


class Authentication(Enum):
    """When the card's bank wants strong customer authentication."""

    NEVER = "never"
    UNLESS_SET_UP = "unless_set_up"  # off-session payments pass once the card was set up
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Decline:
    """What the bank answers: Stripe's error code, the decline code beneath it, and the words."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class TestCard:
    """One test card."""

    __test__ = False  # the name is Stripe's, not a test suite

    brand: str
    last4: str
    authentication: Authentication = Authentication.NEVER
    decline: Decline | None = None
    saves: bool = True
    set_up: bool = False
    wallet: str | None = None
    funding: str = "credit"


def _declined(decline_code: str, message: str = "Your card was declined.") -> Decline:
    return Decline("card_declined", decline_code, message)


_GENERIC = TestCard("visa", "0002", decline=_declined("generic_decline"), saves=False)
_POOR = TestCard(
    "visa", "9995", decline=_declined("insufficient_funds", "Your card has insufficient funds."), saves=False
)
_LOST = TestCard("visa", "9987", decline=_declined("lost_card"), saves=False)
_STOLEN = TestCard("visa", "9979", decline=_declined("stolen_card"), saves=False)
_ALWAYS = Authentication.ALWAYS
_ONCE = Authentication.UNLESS_SET_UP

TEST_CARDS: dict[str, TestCard] = {
    "pm_card_visa": TestCard("visa", "4242"),
    "pm_card_visa_debit": TestCard("visa", "5556", funding="debit"),
    "pm_card_mastercard": TestCard("mastercard", "4444"),
    "pm_card_mastercard_debit": TestCard("mastercard", "3222", funding="debit"),
    "pm_card_mastercard_prepaid": TestCard("mastercard", "5100", funding="prepaid"),
    "pm_card_amex": TestCard("amex", "0005"),
    "pm_card_chargeDeclined": _GENERIC,
    "pm_card_visa_chargeDeclined": _GENERIC,
    "pm_card_chargeDeclinedInsufficientFunds": _POOR,
    "pm_card_visa_chargeDeclinedInsufficientFunds": _POOR,
    "pm_card_chargeDeclinedLostCard": _LOST,
    "pm_card_visa_chargeDeclinedLostCard": _LOST,
    "pm_card_chargeDeclinedStolenCard": _STOLEN,
    "pm_card_visa_chargeDeclinedStolenCard": _STOLEN,
    "pm_card_chargeDeclinedExpiredCard": TestCard(
        "visa", "0069", decline=Decline("expired_card", None, "Your card has expired."), saves=False
    ),
    "pm_card_chargeDeclinedIncorrectCvc": TestCard(
        "visa",
        "0127",
        decline=Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
        saves=False,
    ),
    "pm_card_chargeDeclinedProcessingError": TestCard(
        "visa",
        "0119",
        decline=Decline(
            "processing_error",
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
        ),
        saves=False,
    ),
    # Saving it succeeds, charging it later does not.
    "pm_card_chargeCustomerFail": TestCard("visa", "0341", decline=_declined("generic_decline")),
    "pm_card_authenticationRequired": TestCard("visa", "3184", _ALWAYS),
    "pm_card_authenticationRequiredOnSetup": TestCard("visa", "3155", _ONCE),
    "pm_card_authenticationRequiredSetupForOffSession": TestCard("visa", "0446", _ONCE, set_up=True),
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": TestCard(
        "visa", "3178", _ALWAYS, decline=_declined("insufficient_funds", "Your card has insufficient funds.")
    ),
    "pm_card_threeDSecure2Required": TestCard("visa", "3220", _ALWAYS),
    "pm_card_threeDSecureRequired": TestCard("visa", "3063", _ALWAYS),
    "pm_card_threeDSecureRequiredChargeDeclined": TestCard(
        "visa", "1629", _ALWAYS, decline=_declined("generic_decline")
    ),
    "pm_double_applePay": TestCard("visa", "4242", wallet="apple_pay"),
    "pm_double_googlePay": TestCard("mastercard", "4444", wallet="google_pay"),
}


def needs_authentication(card: TestCard, *, set_up: bool, off_session: bool) -> bool:
    """Return whether the bank wants the driver to authenticate this payment."""
    if card.authentication is Authentication.UNLESS_SET_UP:
        return not (off_session and set_up)
    return card.authentication is Authentication.ALWAYS
