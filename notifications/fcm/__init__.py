"""Push through Firebase Cloud Messaging: the sender on firebase-admin and a double of the service."""
