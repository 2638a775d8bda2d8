"""Cards: added, given to drivers, blocked, removed; never shown whole."""

from sqlalchemy import select

from app.domain.charging.states import SessionState
from app.domain.drivers.tables import Driver, IdToken
from bff.ids import global_id
from tests.integration.operators.office import Office, row_of

UID = "04A2B3C4D5E6F7"


async def test_a_card_from_its_arrival_to_its_end(office: Office) -> None:
    driver = global_id("AdminDriver", office.world.driver)
    made = (await office.do("OperatorAddIdToken", uid=UID.lower(), label="Flotte 7"))["idToken"]
    row = await office.one(select(IdToken))
    assert (row.uid, row.driver_id, row.free_of_charge) == (UID, None, False)
    assert UID not in str(made)
    assert made["uidEnding"] == "E6F7"
    assert await office.refused("OperatorAddIdToken", uid=UID) == "ID_TOKEN_TAKEN"

    given = {"id": made["id"], "driverId": driver, "freeOfCharge": True}
    shown = (await office.do("OperatorUpdateIdToken", **given))["idToken"]
    assert shown["driver"]["id"] == driver
    row = await office.one(select(IdToken))
    assert (row.driver_id, row.free_of_charge, row.label) == (office.world.driver, True, "Flotte 7")
    assert (await office.audited("updateIdToken")).input == {
        "uid": "…E6F7",
        "driver_id": str(office.world.driver),
        "free_of_charge": True,
    }
    found = await office.run("OperatorIdTokens", first=5, driverId=driver, text="c4d5")
    assert [edge["node"]["id"] for edge in found["edges"]] == [made["id"]]
    assert (await office.run("OperatorIdTokens", first=5, text="nothing"))["edges"] == []

    await office.do("OperatorBlockIdToken", id=made["id"])
    assert (await office.one(select(IdToken))).blocked_at == office.world.clock.now()
    await office.do("OperatorUnblockIdToken", id=made["id"])
    assert (await office.one(select(IdToken))).blocked_at is None
    assert (await office.do("OperatorRemoveIdToken", id=made["id"]))["removedId"] == made["id"]
    assert await office.count(IdToken) == 0
    for operation in ("addIdToken", "blockIdToken", "unblockIdToken", "removeIdToken"):
        entry = await office.audited(operation)
        assert (entry.subject, UID in str(entry.input)) == (str(row.id), False)


async def test_a_card_that_charged_stays(office: Office) -> None:
    made = (await office.do("OperatorAddIdToken", uid=UID))["idToken"]
    await office.session(SessionState.COMPLETED, id_token_id=row_of(made))
    assert await office.refused("OperatorRemoveIdToken", id=made["id"]) == "ID_TOKEN_IN_USE"
    assert await office.count(IdToken) == 1
    assert await office.audits("removeIdToken") == 0


async def test_wrong_cards_and_drivers_are_refused(office: Office) -> None:
    before = await office.fingerprint()
    assert await office.refused("OperatorAddIdToken", uid="no spaces") == "INVALID_INPUT"
    assert await office.refused("OperatorAddIdToken", uid=UID, type="Chip") == "INVALID_INPUT"
    nobody = global_id("AdminDriver", office.world.net.evse)
    assert await office.refused("OperatorAddIdToken", uid=UID, driverId=nobody) == "NOT_FOUND"
    assert (
        await office.refused("OperatorUpdateIdToken", id=global_id("AdminIdToken", office.world.net.evse))
        == "NOT_FOUND"
    )
    assert await office.refused("OperatorAddIdToken", uid=UID, driverId=office.charger_id) == "NOT_FOUND"
    assert await office.fingerprint() == before


async def test_a_driver_is_found_by_e_mail_and_by_the_id_that_the_app_shows(office: Office) -> None:
    """Who never charged yet can get a card: the operator looks the driver up, or is told the app's own id."""
    row = await office.one(select(Driver).where(Driver.id == office.world.driver))
    found = await office.run("OperatorDrivers", first=5, text=(row.email or "")[:8].upper())
    assert [edge["node"]["id"] for edge in found["edges"]] == [global_id("AdminDriver", office.world.driver)]
    assert (await office.run("OperatorDrivers", first=5, text="%"))["edges"] == []
    own = global_id("Driver", office.world.driver)
    made = (await office.do("OperatorAddIdToken", uid=UID, driverId=own))["idToken"]
    assert (await office.one(select(IdToken))).driver_id == office.world.driver
    listed = await office.run("OperatorIdTokens", first=5, driverId=own)
    assert [edge["node"]["id"] for edge in listed["edges"]] == [made["id"]]
    assert await office.refused("OperatorAddIdToken", uid="OTHER", driverId=office.evse_id) == "NOT_FOUND"
