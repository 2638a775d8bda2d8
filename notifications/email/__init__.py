"""E-mail: the port, the SMTP sender, and a maildir that stands in for it on a developer's machine."""
