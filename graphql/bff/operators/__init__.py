"""The operators' side of the API: their network, tariffs, cards, sessions, money and each other."""
