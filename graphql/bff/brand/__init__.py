"""The brand, as everybody may see it."""
