"""Why a charge did not happen, in words for the driver."""

from app.domain.charging.states import FailureCode
from bff.locales import text_language

_TEXTS: dict[str, dict[FailureCode, str]] = {
    "de": {
        FailureCode.CARD_DECLINED: "Die Karte wurde abgelehnt. Bitte verwende eine andere.",
        FailureCode.NO_PAYMENT_METHOD: "Es ist keine Karte hinterlegt.",
        FailureCode.AUTHENTICATION_ABANDONED: "Die Zahlung wurde nicht bestätigt.",
        FailureCode.PAYMENT_UNAVAILABLE: "Die Zahlung ist gerade nicht möglich. Bitte versuche es später erneut.",
        FailureCode.CHARGER_OFFLINE: "Die Ladestation ist gerade nicht erreichbar.",
        FailureCode.CHARGER_REJECTED: "Die Ladestation hat den Start abgelehnt.",
        FailureCode.CHARGER_DID_NOT_START: "Die Ladestation hat nicht begonnen zu laden. Ist das Kabel eingesteckt?",
        FailureCode.CHARGER_FAULTED: "Die Ladestation meldet eine Störung.",
        FailureCode.CANCELLED_BY_DRIVER: "Der Start wurde abgebrochen.",
        FailureCode.CANCELLED_BY_OPERATOR: "Der Betreiber hat den Start abgebrochen.",
    },
    "en": {
        FailureCode.CARD_DECLINED: "The card was declined. Please use another one.",
        FailureCode.NO_PAYMENT_METHOD: "There is no card on file.",
        FailureCode.AUTHENTICATION_ABANDONED: "The payment was not confirmed.",
        FailureCode.PAYMENT_UNAVAILABLE: "Payment is not possible right now. Please try again later.",
        FailureCode.CHARGER_OFFLINE: "The charging station cannot be reached right now.",
        FailureCode.CHARGER_REJECTED: "The charging station refused to start.",
        FailureCode.CHARGER_DID_NOT_START: "The charging station did not begin to charge. Is the cable plugged in?",
        FailureCode.CHARGER_FAULTED: "The charging station reports a fault.",
        FailureCode.CANCELLED_BY_DRIVER: "The start was cancelled.",
        FailureCode.CANCELLED_BY_OPERATOR: "The operator cancelled the start.",
    },
}


def failure_text(code: FailureCode, locale: str) -> str:
    """Return what the driver is told; every code has a text in every language."""
    return _TEXTS[text_language(locale)][code]
