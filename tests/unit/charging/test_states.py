"""The state machine of a session: exactly these changes, no others."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.charging.states import ENDED, LIVE, STARTING, IllegalTransitionError, SessionState, require_transition

S = SessionState

ALLOWED = {
    (S.PENDING_PAYMENT, S.PENDING_ACTION),
    (S.PENDING_PAYMENT, S.PENDING_CHARGER),
    (S.PENDING_PAYMENT, S.ACTIVE),
    (S.PENDING_PAYMENT, S.FAILED),
    (S.PENDING_PAYMENT, S.CANCELLED),
    (S.PENDING_ACTION, S.PENDING_PAYMENT),
    (S.PENDING_ACTION, S.PENDING_CHARGER),
    (S.PENDING_ACTION, S.ACTIVE),
    (S.PENDING_ACTION, S.FAILED),
    (S.PENDING_ACTION, S.CANCELLED),
    (S.PENDING_CHARGER, S.START_UNCERTAIN),
    (S.PENDING_CHARGER, S.ACTIVE),
    (S.PENDING_CHARGER, S.FAILED),
    (S.PENDING_CHARGER, S.CANCELLED),
    (S.START_UNCERTAIN, S.ACTIVE),
    (S.START_UNCERTAIN, S.FAILED),
    (S.START_UNCERTAIN, S.CANCELLED),
    (S.ACTIVE, S.PARKING),
    (S.ACTIVE, S.SETTLING),
    (S.ACTIVE, S.REVIEW),
    (S.PARKING, S.SETTLING),
    (S.PARKING, S.REVIEW),
    (S.SETTLING, S.COMPLETED),
    (S.SETTLING, S.REVIEW),
    (S.REVIEW, S.SETTLING),
    (S.REVIEW, S.COMPLETED),
    (S.FAILED, S.ACTIVE),
    (S.CANCELLED, S.ACTIVE),
}


@pytest.mark.parametrize(("current", "target"), list(product(S, S)))
def test_every_pair_of_states(current: SessionState, target: SessionState) -> None:
    if (current, target) in ALLOWED:
        require_transition(current, target)
    else:
        with pytest.raises(IllegalTransitionError, match=f"{current} to {target}"):
            require_transition(current, target)


def test_every_state_is_live_or_ended_and_starting_ones_are_live() -> None:
    assert frozenset(S) == LIVE | ENDED
    assert frozenset() == LIVE & ENDED
    assert STARTING < LIVE
    assert S.SETTLING in ENDED


@given(st.lists(st.sampled_from(list(S)), max_size=40))
def test_whatever_is_tried_a_bill_comes_only_after_energy_and_is_never_taken_back(tries: list[SessionState]) -> None:
    """A random walk that only takes what is allowed: COMPLETED is the end, and is reached only through ACTIVE."""
    state, walked = S.PENDING_PAYMENT, [S.PENDING_PAYMENT]
    for target in tries:
        try:
            require_transition(state, target)
        except IllegalTransitionError:
            continue
        state = target
        walked.append(state)
    if S.COMPLETED in walked:
        assert walked.index(S.COMPLETED) == len(walked) - 1
        assert S.ACTIVE in walked
        assert walked[-2] in (S.SETTLING, S.REVIEW)
    if S.ACTIVE in walked:
        after = walked[walked.index(S.ACTIVE) + 1 :]
        assert not STARTING & set(after), "a charge that began never goes back to starting"
        assert not {S.FAILED, S.CANCELLED} & set(after), "what flowed is settled, not failed"
