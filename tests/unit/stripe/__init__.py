"""Pure parts of the edge to Stripe: amounts, webhook verification, error translation, parameter checks."""
