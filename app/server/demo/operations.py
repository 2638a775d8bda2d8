"""The operations the journey performs, as an app carries them."""

from typing import Final

SIGN_UP: Final = """
mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    driver { id email name }
    tokens { accessToken }
    userErrors { field message code }
  }
}
"""

BRAND: Final = """
query Brand { brand { name currency publishablePaymentKey } }
"""

STATIONS_AROUND: Final = """
query StationsAround($center: Point!, $first: Int!, $filter: StationFilterInput) {
  stationsAround(center: $center, first: $first, filter: $filter) {
    edges {
      node {
        id name distanceMeters maxPowerW
        availability { status available total }
        evses { code status connectors { standard maxPowerW price { summary { en } } } }
      }
    }
  }
}
"""

NETWORK: Final = """
query Network($center: Point!, $first: Int!) {
  stationsAround(center: $center, first: $first, filter: { availableNow: true }) {
    edges { node { evses { code status } } }
  }
}
"""

STATION: Final = """
query Station($id: ID!) {
  station(id: $id) {
    name operatorName address postalCode city latitude longitude timeZone
    availability { status available total lastSeenSeconds }
    evses {
      id code status lastSeenSeconds
      connectors {
        id standard format powerType maxPowerW
        price {
          hash summary { en }
          components { kind unit grossPrice netPrice vatRate graceSeconds }
        }
      }
    }
  }
}
"""

EVSE_BY_CODE: Final = """
query EvseByCode($code: String!) {
  evseByCode(code: $code) { id code status station { name } }
}
"""

QUOTE: Final = """
query Quote($input: QuoteInput!) {
  quote(input: $input) {
    tariff { hash summary { en } }
    hold { formatted }
    estimate { formatted }
    worstCase { formatted }
  }
}
"""

START_CARD_SETUP: Final = """
mutation StartCardSetup {
  startCardSetup { setupId clientSecret userErrors { field message code } }
}
"""

COMPLETE_CARD_SETUP: Final = """
mutation CompleteCardSetup($input: CompleteCardSetupInput!) {
  completeCardSetup(input: $input) {
    paymentMethod { id brand last4 expMonth expYear }
    userErrors { field message code }
  }
}
"""

RESERVE_EVSE: Final = """
mutation ReserveEvse($input: ReserveEvseInput!) {
  reserveEvse(input: $input) {
    reservation { id state expiresAt }
    userErrors { field message code }
  }
}
"""

RESERVATION: Final = """
query Reservation($id: ID!) {
  reservation(id: $id) { state expiresAt rejection evse { code status } }
}
"""

START_CHARGING: Final = """
mutation StartCharging($input: StartChargingInput!) {
  startCharging(input: $input) {
    session { id state hold { formatted } }
    clientSecret
    userErrors { field message code }
  }
}
"""

SESSION_UPDATES: Final = """
subscription SessionUpdates($sessionId: ID!, $afterSequence: BigInt) {
  sessionUpdates(sessionId: $sessionId, afterSequence: $afterSequence) {
    sequence state energyWh powerW socPercent
    runningCost { formatted }
    failure { code message }
  }
}
"""

STOP_CHARGING: Final = """
mutation StopCharging($input: StopChargingInput!) {
  stopCharging(input: $input) {
    session { id state stopPending }
    userErrors { field message code }
  }
}
"""

RECEIPT: Final = """
query Receipt($sessionId: ID!) {
  session(id: $sessionId) { payment { state captured { amountMinor formatted } cardBrand cardLast4 } }
  receipt(sessionId: $sessionId) {
    number energyWh pdfUrl
    net { formatted } vatTotal { formatted }
    gross { amountMinor currency formatted }
    captured { amountMinor }
    lines { component quantity unit unitPrice pricePer gross { formatted } }
    vat { rate net { formatted } vat { formatted } gross { formatted } }
  }
}
"""
