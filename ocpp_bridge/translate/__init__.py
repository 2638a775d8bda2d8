"""Pure translation between the wire and the domain: no clock, no database, no socket."""
