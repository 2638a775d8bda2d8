"""The gateway against the double, through the real `stripe` library, as two processes on loopback."""
