"""Which of the two response types a client asks for (GraphQL over HTTP, "Accept").

Under `application/graphql-response+json` a request that could not be executed answers 400; under
`application/json` older clients expect 200 for everything that is well-formed JSON.
"""

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
_OFFERED = (JSON, GRAPHQL_RESPONSE)


def response_type(accept: str | None) -> str | None:
    """Return the offered type of the highest weight, the earlier named where equal; None where none is accepted."""
    if not accept or not accept.strip():
        return JSON
    best: tuple[float, str] | None = None
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = _weight(parameters)
        offered = media if media in _OFFERED else JSON if media in ("*/*", "application/*") else None
        if offered is not None and weight > 0 and (best is None or weight > best[0]):
            best = (weight, offered)
    return best[1] if best else None


def accepts_html(accept: str | None) -> bool:
    """Tell whether a browser asks for a page."""
    return "text/html" in (accept or "").lower()


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
