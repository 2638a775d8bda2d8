"""What one request may ask for, judged before anything is executed: document size, depth, aliases, tokens.

The figures leave the app's own documents (`graphql/operations`) ample room; a test compares.
"""

from collections.abc import Callable

from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter, SchemaExtension
from strawberry.extensions.disable_introspection import DisableIntrospection

MAX_BODY_BYTES = 100_000
MAX_DEPTH = 14
MAX_ALIASES = 20
MAX_TOKENS = 2_000
MAX_SOCKET_OPERATIONS = 10


def limiters(*, introspection: bool) -> list[Callable[[], SchemaExtension]]:
    """Return factories of the extensions that judge a document."""
    factories: list[Callable[[], SchemaExtension]] = [
        lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
        lambda: QueryDepthLimiter(max_depth=MAX_DEPTH),
        lambda: MaxAliasesLimiter(max_alias_count=MAX_ALIASES),
    ]
    if not introspection:
        factories.append(DisableIntrospection)
    return factories
