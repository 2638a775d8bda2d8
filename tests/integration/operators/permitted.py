"""Every admin field: the permission it declares, the document that uses it, an input that would have an effect."""

from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, parse
from strawberry.types.base import get_object_definition

from app.domain.charging.states import SessionState
from app.domain.charging.tables import IncidentKind
from app.domain.operators.permissions import Permission
from app.kit.ids import new_id
from bff.access import Access, OperatorField
from bff.documents import document_names, load_document
from bff.ids import global_id
from bff.operators.roots import OperatorMutations, OperatorQueries
from payments.tables import Debt, DebtState
from tests.factories.drivers import id_token
from tests.integration.operators.office import Office

SIGN_IN = "signInOperator"


@dataclass(frozen=True)
class AdminField:
    """A root field that operators use."""

    name: str
    access: Access

    @property
    def permission(self) -> Permission | None:
        """What it needs; None for a public one."""
        return self.access.permission if isinstance(self.access, OperatorField) else None


def admin_fields() -> dict[str, AdminField]:
    """Return every admin root field by its name in the API."""
    found: dict[str, AdminField] = {}
    for root in (OperatorQueries, OperatorMutations):
        for field in get_object_definition(root, strict=True).fields:
            first, *rest = field.python_name.split("_")
            name = first + "".join(part.capitalize() for part in rest)
            (access,) = [extension for extension in field.extensions if isinstance(extension, Access)]
            found[name] = AdminField(name, access)
    return found


def documents() -> dict[str, str]:
    """Return the operators' documents by the root field they use."""
    found: dict[str, str] = {}
    for name in document_names():
        (operation,) = parse(load_document(name)).definitions
        assert isinstance(operation, OperationDefinitionNode)
        for selection in operation.selection_set.selections:
            assert isinstance(selection, FieldNode)
            if name.startswith("Operator"):
                found[selection.name.value] = name
    return found


async def inputs(office: Office) -> dict[str, dict[str, Any]]:
    """Make a row of everything there is, and return variables by root field that would change or show it."""
    world = office.world
    running = await office.session(SessionState.ACTIVE, ocpp_transaction_id="17")
    review = await office.session(SessionState.REVIEW, suspect=True, started_at=world.clock.now(), energy_wh=500)
    incident = global_id("Incident", await office.incident(IncidentKind.CHARGER_FAULT))
    card = await id_token(world.app, world.tenant, driver_id=world.driver)
    async with world.app.unit_of_work(world.tenant.id) as uow:
        debt = Debt(driver_id=world.driver, session_id=review, amount_minor=295, currency="EUR", state=DebtState.OPEN)
        uow.session.add(debt)
        await uow.session.flush()
    simple = {"energyPerKwh": "0.5"}
    spare = (await office.do("OperatorPublishTariff", name="Spare", simple=simple))["tariff"]["id"]
    clerk = {"email": "clerk@example.com", "name": "Clerk", "role": "SUPPORT", "password": "a long enough sentence"}
    colleague = (await office.do("OperatorCreateOperator", **clerk))["operator"]["id"]
    charger, token, key = (
        {"chargerId": office.charger_id},
        global_id("AdminIdToken", card),
        {"idempotencyKey": "a-key-12"},
    )
    session = {"sessionId": global_id("AdminSession", running)}
    page: dict[str, Any] = {"first": 10}
    given: dict[str, dict[str, Any]] = {
        "createLocation": {"name": "New", "latitude": 1, "longitude": 1},
        "updateLocation": {"id": office.location_id, "fields": {"name": "Changed"}},
        "createCharger": {"identity": "NEW-1", "locationId": office.location_id},
        "updateCharger": {"id": office.charger_id, "registration": "REJECTED"},
        "rotateChargerPassword": charger | {"force": True},
        "createEvse": {"locationId": office.location_id, "fields": {}, "connectors": []},
        "updateEvse": {"id": office.evse_id, "fields": {"physicalReference": "x"}},
        "updateConnector": {"id": office.connector_id, "fields": {"maxPowerW": 1}},
        "publishTariff": {"name": "New", "tariffId": spare, "simple": simple},
        "assignTariff": {"tariffId": spare, "locationId": office.location_id},
        "addIdToken": {"uid": "NEW1234", "driverId": global_id("AdminDriver", world.driver)},
        "updateIdToken": {"id": token, "freeOfCharge": True},
        "resetCharger": charger,
        "clearCache": charger,
        "unlockConnector": {"connectorId": office.connector_id},
        "changeAvailability": {"evseId": office.evse_id, "operative": False},
        "triggerMessage": charger | {"kind": "BOOT"},
        "getVariables": charger,
        "setVariable": charger | {"name": {"variable": "X"}, "value": "1"},
        "stopSession": session | key,
        "refundSession": session | key | {"amountMinor": "1", "reason": "why not"},
        "resolveIncident": {"incidentId": incident, "resolution": "done"},
        "resolveReview": {"sessionId": global_id("AdminSession", review), "decision": "WRITE_OFF", "note": "done"},
        "createOperator": clerk | {"email": f"{new_id()}@example.com"},
        "changeOperatorRole": {"id": colleague, "role": "OWNER"},
        "setOperatorPassword": {"id": colleague, "password": "quite another sentence"},
    }
    by_id = {
        "archiveTariff": spare,
        "blockIdToken": token,
        "unblockIdToken": token,
        "removeIdToken": token,
        "waiveDebt": global_id("AdminDebt", debt.id),
        "disableOperator": colleague,
        "enableOperator": colleague,
        "adminLocation": office.location_id,
        "charger": office.charger_id,
    }
    shown = {"adminSession": {"id": global_id("AdminSession", review), "readings": 5}}
    lists = ("adminLocations", "chargers", "adminSessions", "incidents", "quarantinedMessages", "tariffs")
    return {
        **{name: {"input": value} for name, value in given.items()},
        **{name: {"id": value} for name, value in by_id.items()},
        **shown,
        **dict.fromkeys((*lists, "drivers", "idTokens", "auditLog"), page),
        "chargerCommands": charger | page,
        "operatorMe": {},
        "operators": {},
    }
