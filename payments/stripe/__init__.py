"""The edge to Stripe: the gateway, its typed errors, webhook verification and a test double.

Nothing outside this package sees an object of the `stripe` library, and the library is imported only when it is
first used, for it is slow to import.
"""
