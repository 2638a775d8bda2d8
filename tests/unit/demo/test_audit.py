"""The demo's verdict: only figures that are all the same, of a charge that cost something, agree."""

import pytest

from app.server.demo.charge import Charge, Receipt
from app.server.demo.verify import Audit

_CHARGE = Charge(
    identity="DEMO16-0001",
    version="1.6",
    session_id="U2Vzc2lvbjox",
    receipt=Receipt("R1", gross_minor=74, captured_minor=74, currency="EUR", energy_wh=1250, pdf="R1.pdf"),
)
_PLACES = ("receipt", "ledger", "captured", "meter")
_METERS = ("station", "session")


def _audit(*, money: dict[str, int] | None = None, energy: dict[str, int] | None = None, owed: int = 0) -> Audit:
    return Audit(
        charge=_CHARGE,
        money=dict.fromkeys(_PLACES, 74) | (money or {}),
        energy=dict.fromkeys(_METERS, 1250) | (energy or {}),
        receivable_minor=owed,
    )


def test_the_same_figures_everywhere_agree() -> None:
    assert _audit().agrees


@pytest.mark.parametrize("place", _PLACES)
def test_a_cent_of_difference_anywhere_does_not_agree(place: str) -> None:
    assert not _audit(money={place: 73}).agrees


@pytest.mark.parametrize("meter", _METERS)
def test_a_watt_hour_of_difference_does_not_agree(meter: str) -> None:
    assert not _audit(energy={meter: 1251}).agrees


def test_a_cent_left_to_pay_does_not_agree() -> None:
    assert not _audit(owed=1).agrees


def test_a_charge_that_cost_nothing_does_not_agree() -> None:
    assert not _audit(money=dict.fromkeys(_PLACES, 0)).agrees
    assert not _audit(energy=dict.fromkeys(_METERS, 0)).agrees
