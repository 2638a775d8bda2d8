"""Parsers of public registers and OCPI files: pure generators of `ImportedLocation` and `RejectedRow`.

What always holds: a parser never invents a fact. What its source does not name stays null, what it corrects
is recorded as a note, and what cannot be used is reported by line and reason. It reads a file and touches
nothing else.
"""
