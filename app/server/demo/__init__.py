"""`voltlane demo`: a network of real sites with simulated chargers, and a driver's journey through the public API.

The server it starts is the one `voltlane up` starts. The journey is a client like any app: it speaks GraphQL over HTTP
and WebSocket, and Stripe's own API for the card. Only seeding and the final audit look behind the API.
"""
