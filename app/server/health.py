"""Whether the process lives and can serve, and its figures for Prometheus. None of these routes shows data of a
tenant.
"""

from litestar import Response, get
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy import text

from app.db.uow import Database


def create_health_routes(database: Database, registry: CollectorRegistry) -> list[HTTPRouteHandler]:
    """Return `/livez` (the process answers), `/readyz` (the database answers too) and `/metrics`."""

    @get("/livez", media_type=MediaType.TEXT)
    async def livez() -> str:
        return "ok"

    @get("/readyz", media_type=MediaType.TEXT)
    async def readyz() -> Response[str]:
        try:
            async with database.engine.connect() as connection:
                await connection.execute(text("select 1"))
        except Exception:
            return Response("database unavailable", status_code=503, media_type=MediaType.TEXT)
        return Response("ok", media_type=MediaType.TEXT)

    @get("/metrics")
    async def metrics() -> Response[bytes]:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [livez, readyz, metrics]
