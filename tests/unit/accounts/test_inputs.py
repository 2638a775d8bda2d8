"""One spelling of addresses, names and locales; counters by subscriber; permissions by role."""

from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.drivers.attempts import SIGN_IN_PER_ADDRESS, address_key
from app.domain.drivers.id_tokens import CardManager
from app.domain.drivers.inputs import normalise_email, normalise_locale, normalise_name
from app.domain.operators.permissions import ROLE_PERMISSIONS, Permission, has_permission, require_permission
from app.domain.operators.tables import OperatorRole
from app.domain.principals import Principal, PrincipalKind
from app.kit.errors import InvalidInputError, NotAllowedError
from tests.fakes.clock import FrozenClock


@pytest.mark.parametrize(
    ("raw", "email"),
    [
        (" Ada@Example.COM\n", "ada@example.com"),
        ("ada+tag@example.co.uk", "ada+tag@example.co.uk"),
        ("info@Bücher.example", "info@xn--bcher-kva.example"),
    ],
)
def test_an_address_has_one_spelling(raw: str, email: str) -> None:
    assert normalise_email(raw) == email
    assert normalise_email(email) == email


@given(st.text() | st.emails())
def test_an_address_is_refused_or_safe_in_a_header(raw: str) -> None:
    try:
        email = normalise_email(raw)
    except InvalidInputError:
        return
    assert email.isascii()
    assert email.isprintable()
    assert email == email.lower()
    assert email.count("@") == 1
    assert not set(email) & set(' ,;:<>"()[]\\')
    assert len(email) <= 254


@given(st.text())
def test_names_and_locales_are_refused_or_printable(raw: str) -> None:
    for normalise in (normalise_name, normalise_locale):
        try:
            accepted = normalise(raw)
        except InvalidInputError:
            continue
        assert accepted is None or "\n" not in accepted


def test_addresses_count_by_subscriber() -> None:
    keys = {
        text: address_key(SIGN_IN_PER_ADDRESS, text)
        for text in ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")
    }
    assert keys["192.0.2.1"] == keys["::ffff:192.0.2.1"]
    assert keys["2001:db8::1"] == keys["2001:db8::2"]
    assert len(set(keys.values())) == 4
    assert address_key(SIGN_IN_PER_ADDRESS, "no address") != address_key(SIGN_IN_PER_ADDRESS, "another")
    assert max(map(len, keys.values())) <= 200


def _principal(kind: PrincipalKind, role: OperatorRole | None) -> Principal:
    return Principal(kind, uuid4(), uuid4(), role, None, FrozenClock().now())


def test_roles_nest_and_only_operators_have_permissions() -> None:
    ladder = [OperatorRole.READ_ONLY, OperatorRole.SUPPORT, OperatorRole.MANAGER, OperatorRole.OWNER]
    for lower, higher in pairwise(ladder):
        assert ROLE_PERMISSIONS[lower] < ROLE_PERMISSIONS[higher]
    assert set(ROLE_PERMISSIONS) == set(OperatorRole)
    assert ROLE_PERMISSIONS[OperatorRole.OWNER] == set(Permission)
    assert ROLE_PERMISSIONS[OperatorRole.READ_ONLY] == {Permission.VIEW_NETWORK, Permission.VIEW_SESSIONS}
    for kind in (PrincipalKind.DRIVER, PrincipalKind.GUEST):
        assert not any(has_permission(_principal(kind, OperatorRole.OWNER), each) for each in Permission)


def test_a_missing_permission_is_named() -> None:
    support = _principal(PrincipalKind.OPERATOR, OperatorRole.SUPPORT)
    require_permission(support, Permission.COMMAND_CHARGERS)
    with pytest.raises(NotAllowedError, match="REFUND"):
        require_permission(support, Permission.REFUND)


@pytest.mark.parametrize("driver_id", [None, uuid4()])
def test_cards_have_one_kind_of_manager(driver_id: object) -> None:
    from app.domain.operators.actor import COMMAND_LINE

    with pytest.raises(ValueError, match="driver or by an operator"):
        CardManager(driver_id=driver_id, admin=None if driver_id is None else COMMAND_LINE)  # type: ignore[arg-type]
