"""Lists cost the same number of statements however many rows they show."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.domain.charging.states import SessionState
from app.domain.charging.tables import IncidentKind
from tests.factories.drivers import id_token
from tests.integration.operators.office import Office


@contextmanager
def _counted(office: Office) -> Iterator[list[str]]:
    """Collect the statements that reach the database, but for those that open a transaction or look up the brand."""
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if not statement.startswith(("set ", "select set_config")) and "FROM tenants" not in statement:
            statements.append(statement)

    engine = office.world.app.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def _statements(office: Office, document: str) -> tuple[int, int]:
    """Return how many nodes a page has and how many statements it took."""
    with _counted(office) as statements:
        page = await office.run(document, first=50)
    return len(page["edges"]), len(statements)


async def _grow(office: Office, number: int) -> None:
    made = await office.world.another_charger(f"MORE-{number}", evses=2)
    place = {"charger_id": made.charger_id, "evse_id": made.evse, "location_id": made.location_id}
    session_id = await office.session(SessionState.ACTIVE, **place)
    await office.incident(IncidentKind.CHARGER_FAULT, charger_id=made.charger_id, session_id=session_id)
    await id_token(office.world.app, office.world.tenant, f"CARD{number}", driver_id=office.world.driver)


async def test_no_list_asks_once_for_each_row(office: Office) -> None:
    documents = ("OperatorChargers", "OperatorLocations", "OperatorSessions", "OperatorIncidents", "OperatorIdTokens")
    await _grow(office, 0)
    few = {document: await _statements(office, document) for document in documents}
    for number in range(1, 4):
        await _grow(office, number)
    for document in documents:
        nodes, statements = await _statements(office, document)
        assert nodes == few[document][0] + 3, document
        assert statements == few[document][1], document
    assert max(count for _, count in few.values()) <= 9
