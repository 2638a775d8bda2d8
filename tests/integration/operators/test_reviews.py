"""What the program does not decide alone: incidents are resolved, suspect sessions billed or written off."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.domain.charging.inbound.quarantine import quarantine
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession, Incident, IncidentKind, QuarantinedMessage, SessionRating
from bff.ids import global_id
from tests.integration.operators.office import Office


async def _in_review(office: Office, *, energy_wh: int = 5_000, **columns: object) -> UUID:
    """Charge for ten minutes; the stop is so implausible that the session goes to review instead of a bill."""
    world = office.world
    session_id, transaction_id = await world.charging(meter=1000)
    await world.meter(transaction_id, 1000 + energy_wh, after=600)
    await world.change(ChargingSession, session_id, suspect=True, suspect_reason="the register leapt", **columns)
    await world.end(transaction_id, meter_stop_wh=1000 + energy_wh, unplugged=True)
    await world.run_jobs()
    assert await world.state(session_id) is SessionState.REVIEW
    return session_id


async def _ratings(office: Office) -> Sequence[SessionRating]:
    return await office.all(select(SessionRating))


def _decision(session_id: UUID, decision: str, **given: object) -> dict[str, object]:
    return {"sessionId": global_id("AdminSession", session_id), "decision": decision, "note": "checked on site"} | given


async def test_a_session_is_billed_as_metered(office: Office) -> None:
    session_id = await _in_review(office)
    payload = await office.do("OperatorResolveReview", **_decision(session_id, "BILL_AS_METERED"))
    assert payload["session"]["state"] == "SETTLING"
    await office.world.run_jobs()
    row = await office.world.session(session_id)
    assert (row.state, row.suspect, row.suspect_reason) == (SessionState.COMPLETED, False, None)
    (rating,) = await _ratings(office)
    assert (rating.gross_minor, row.cost_gross_minor) == (295, 295)
    assert office.world.payments.settled == [session_id]
    entry = await office.audited("resolveReview")
    assert (entry.subject, entry.input["decision"]) == (str(session_id), "BILL_AS_METERED")
    assert (entry.input["metered_wh"], entry.input["suspect_reason"]) == (5_000, "the register leapt")
    incident = await office.one(select(Incident))
    assert incident.resolution == "BILL_AS_METERED: checked on site"
    assert incident.resolved_by == entry.operator_id


async def test_a_session_is_billed_with_other_energy(office: Office) -> None:
    session_id = await _in_review(office, energy_estimated=True)
    given = _decision(session_id, "BILL_WITH_ENERGY", energyWh="2000")
    await office.do("OperatorResolveReview", **given)
    await office.world.run_jobs()
    row = await office.world.session(session_id)
    assert (row.state, row.energy_wh, row.energy_estimated) == (SessionState.COMPLETED, 2_000, False)
    (rating,) = await _ratings(office)
    assert rating.gross_minor == 118
    assert (await office.audited("resolveReview")).input["energy_wh"] == 2_000


async def test_a_session_is_written_off(office: Office) -> None:
    session_id = await _in_review(office)
    await office.do("OperatorResolveReview", **_decision(session_id, "WRITE_OFF"))
    await office.world.run_jobs()
    row = await office.world.session(session_id)
    assert (row.state, row.cost_gross_minor, row.energy_wh) == (SessionState.COMPLETED, 0, 5_000)
    (rating,) = await _ratings(office)
    assert (rating.net_minor, rating.vat_minor, rating.gross_minor) == (0, 0, 0)
    assert office.world.payments.settled == [session_id]


async def test_a_session_nobody_pays_for_can_only_be_written_off(office: Office) -> None:
    session_id = await office.session(SessionState.REVIEW, driver_id=None, suspect=False, energy_wh=500)
    assert await office.refused("OperatorResolveReview", **_decision(session_id, "BILL_AS_METERED")) == "NOT_BILLABLE"
    await office.do("OperatorResolveReview", **_decision(session_id, "WRITE_OFF"))
    await office.world.run_jobs()
    assert await office.world.state(session_id) is SessionState.COMPLETED
    assert await _ratings(office) == []
    assert office.world.payments.settled == []


async def test_decisions_that_make_no_sense_change_nothing(office: Office) -> None:
    session_id = await _in_review(office)
    settled = await office.session(SessionState.COMPLETED, evse_id=office.world.net.evses[1])
    before = await office.fingerprint()
    for given, code in (
        (_decision(session_id, "BILL_WITH_ENERGY"), "INVALID_INPUT"),
        (_decision(session_id, "BILL_WITH_ENERGY", energyWh="-1"), "INVALID_INPUT"),
        (_decision(session_id, "WRITE_OFF", energyWh="5"), "INVALID_INPUT"),
        (_decision(session_id, "WRITE_OFF", note=" "), "INVALID_INPUT"),
        (_decision(settled, "WRITE_OFF"), "NOT_IN_REVIEW"),
        (_decision(office.world.driver, "WRITE_OFF"), "NOT_FOUND"),
    ):
        assert await office.refused("OperatorResolveReview", **given) == code
    assert await office.fingerprint() == before


async def test_a_decision_is_made_once(office: Office) -> None:
    session_id = await _in_review(office)
    await office.do("OperatorResolveReview", **_decision(session_id, "BILL_AS_METERED"))
    assert await office.refused("OperatorResolveReview", **_decision(session_id, "WRITE_OFF")) == "NOT_IN_REVIEW"
    assert await office.audits("resolveReview") == 1


async def test_an_incident_is_resolved_once(office: Office) -> None:
    incident_id = await office.incident(charger_id=office.world.net.charger_id)
    listed = await office.run("OperatorIncidents", first=5)
    (edge,) = listed["edges"]
    assert edge["node"]["detail"] == {"idTag": "[redacted]", "meterStop": 12}
    assert edge["node"]["charger"]["identity"] == "CP1"
    given = {"incidentId": edge["node"]["id"], "resolution": "credited by hand"}
    await office.do("OperatorResolveIncident", **given)
    row = await office.one(select(Incident))
    assert (row.id, row.resolution, row.resolved_at) == (incident_id, "credited by hand", office.world.clock.now())
    entry = await office.audited("resolveIncident")
    assert (entry.operator_id, entry.input["resolution"]) == (row.resolved_by, "credited by hand")
    assert await office.refused("OperatorResolveIncident", **given) == "ALREADY_RESOLVED"
    assert (await office.run("OperatorIncidents", first=5))["edges"] == []
    assert len((await office.run("OperatorIncidents", first=5, openOnly=False))["edges"]) == 1


async def test_a_reviews_incident_needs_the_decision(office: Office) -> None:
    await _in_review(office)
    (edge,) = (await office.run("OperatorIncidents", first=5))["edges"]
    assert edge["node"]["session"]["state"] == "REVIEW"
    given = {"incidentId": edge["node"]["id"], "resolution": "nothing to see"}
    assert await office.refused("OperatorResolveIncident", **given) == "NEEDS_DECISION"
    assert (await office.one(select(Incident))).resolved_at is None


async def test_a_quarantined_message_is_shown_whole_but_for_tokens(office: Office) -> None:
    payload = {"idTag": "04A2B3C4", "meterStop": 5000}
    async with office.world.bridge.unit_of_work(office.world.tenant.id) as uow:
        await quarantine(uow, office.world.net.ref, "StopTransaction", payload, "no session", IncidentKind.UNKNOWN_STOP)
    kept = await office.one(select(QuarantinedMessage))
    (edge,) = (await office.run("OperatorQuarantinedMessages", first=5))["edges"]
    assert kept.payload["idTag"] == "04A2B3C4"
    assert edge["node"]["payload"]["idTag"] == "[redacted]"
    assert edge["node"]["payload"]["meterStop"] == 5000
    incident = await office.one(select(Incident))
    assert incident.kind is IncidentKind.UNKNOWN_STOP


async def test_sessions_are_filtered_and_paged(office: Office) -> None:
    first = await office.session(SessionState.COMPLETED)
    second = await office.session(SessionState.FAILED)
    third = await office.session(SessionState.COMPLETED, suspect=True)
    walked, after = [], None
    while True:
        page = await office.run("OperatorSessions", first=1, after=after)
        walked += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert walked == [global_id("AdminSession", row) for row in (third, second, first)]
    for filter_, found in (
        ({"states": ["FAILED"]}, [second]),
        ({"suspect": True}, [third]),
        ({"evseId": office.evse_id, "chargerId": office.charger_id, "states": ["COMPLETED"]}, [third, first]),
        ({"driverId": global_id("AdminDriver", office.world.net.evse)}, []),
    ):
        page = await office.run("OperatorSessions", first=10, filter=filter_)
        assert [edge["node"]["id"] for edge in page["edges"]] == [global_id("AdminSession", row) for row in found]


async def test_a_session_is_shown_with_its_readings_commands_and_incidents(office: Office) -> None:
    session_id = await _in_review(office)
    shown = await office.run("OperatorSession", id=global_id("Session", session_id), readings=1)
    (edge,) = shown["readings"]["edges"]
    assert (edge["node"]["registerWh"], edge["node"]["energyWh"]) == ("6000", "5000")
    assert [command["action"] for command in shown["commands"]] == ["RemoteStart"]
    assert shown["commands"][0]["payload"]["id_token"] == "[redacted]"
    assert shown["incidents"][0]["detail"]["reason"] == "the register leapt"
    assert (shown["suspect"], shown["driver"]["id"]) == (True, global_id("AdminDriver", office.world.driver))
    assert shown["payment"] is None
