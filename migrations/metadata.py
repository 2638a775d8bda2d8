"""Imports every tables module, so that the metadata is whole wherever migrations are made or checked."""

import payments.tables  # noqa: F401
from app.db.base import Base

metadata = Base.metadata
