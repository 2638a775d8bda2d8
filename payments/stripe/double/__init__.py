"""Voltlane's Stripe test double: a separate process on loopback that the real `stripe` library talks to.

It imitates the part of Stripe that Voltlane uses, and says so honestly: a parameter Stripe does not know is refused
as Stripe refuses it, one that Stripe knows and the double does not imitate is refused as unsupported, never
ignored. It is stateful (SQLite), replays idempotency keys, expires holds, declines and authenticates by Stripe's
test cards, signs and retries webhooks, and injects faults on demand. `admin` documents the `/_double/` endpoints.

It holds no real money and accepts test keys only.
"""
