"""What Voltlane tells a driver outside the app's screens: push messages and e-mail, in the driver's language.

Nothing here calls a network inside a transaction: a notification is a row and a job first, and is sent
afterwards.
"""
