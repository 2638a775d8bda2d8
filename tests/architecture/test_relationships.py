"""Nothing is loaded behind a query's back: every ORM relationship raises when it was not asked for."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, configure_mappers, mapped_column, registry, relationship

from app.db.base import Base
from migrations.metadata import TABLE_MODULES


def _lazy(mappers: registry) -> list[str]:
    configure_mappers()
    return [
        f"{mapper.class_.__name__}.{relation.key}"
        for mapper in mappers.mappers
        for relation in mapper.relationships
        if relation.lazy not in ("raise", "raise_on_sql", "noload", "write_only")
    ]


def test_no_relationship_loads_by_itself() -> None:
    assert TABLE_MODULES
    assert len(list(Base.registry.mappers)) > len(TABLE_MODULES)
    assert _lazy(Base.registry) == []


def test_the_guard_strikes() -> None:
    class Other(DeclarativeBase):
        pass

    class Parent(Other):
        __tablename__ = "parents"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Child(Other):
        __tablename__ = "children"
        id: Mapped[int] = mapped_column(primary_key=True)
        parent_id: Mapped[int] = mapped_column(ForeignKey("parents.id"))
        eager: Mapped[Parent] = relationship(viewonly=True)
        guarded: Mapped[Parent] = relationship(lazy="raise", viewonly=True)

    assert _lazy(Other.registry) == ["Child.eager"]
