"""The part of Stripe's mobile SDK the journey needs: confirming a SetupIntent with the app's publishable key.

Card data goes from the app to Stripe, never to the server; here Stripe is the double that the demo started.
"""

import httpx

from app.kit.errors import VoltlaneError

TEST_CARD = "pm_card_visa"
"""Stripe's test payment method for a Visa card that needs no authentication."""


class CardSdkError(VoltlaneError):
    """Stripe refused to save the card."""


class CardSdk:
    """Speaks Stripe's API as an app does."""

    def __init__(self, api_base: str, publishable_key: str) -> None:
        self._api_base = api_base
        self._key = publishable_key

    async def confirm_setup(self, client_secret: str, payment_method: str = TEST_CARD) -> str:
        """Save a card for the SetupIntent of a client secret; return the intent's status. Raises CardSdkError."""
        intent_id = client_secret.partition("_secret")[0]
        async with httpx.AsyncClient(base_url=self._api_base, auth=(self._key, ""), trust_env=False) as http:
            answer = await http.post(
                f"/v1/setup_intents/{intent_id}/confirm",
                data={"client_secret": client_secret, "payment_method": payment_method},
            )
        document = answer.json()
        if not answer.is_success:
            raise CardSdkError(str(document.get("error", {}).get("message", answer.status_code)))
        return str(document["status"])
