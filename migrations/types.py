"""Column types that migrations name, apart from the code's own, which may change."""

from sqlalchemy.types import UserDefinedType


class Cube(UserDefinedType[str]):
    """PostgreSQL's `cube`."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in DDL."""
        return "CUBE"
