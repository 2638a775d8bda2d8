"""Why a transaction ended, in the domain's words."""

from app.domain.charging.states import StopReason

_REASONS: dict[str, StopReason] = {
    "Local": StopReason.LOCAL,
    "Remote": StopReason.REMOTE,
    "EVDisconnected": StopReason.EV_DISCONNECTED,
    "DeAuthorized": StopReason.DEAUTHORIZED,
    "PowerLoss": StopReason.POWER_LOSS,
    "EmergencyStop": StopReason.FAULT,
    "GroundFault": StopReason.FAULT,
    "OvercurrentFault": StopReason.FAULT,
    "PowerQuality": StopReason.FAULT,
    "EnergyLimitReached": StopReason.LIMIT_ENERGY,
    "TimeLimitReached": StopReason.LIMIT_TIME,
    "SOCLimitReached": StopReason.LIMIT_SOC,
    "LocalOutOfCredit": StopReason.LIMIT_COST,
    "MasterPass": StopReason.OPERATOR,
}


def stop_reason(ocpp_reason: str | None) -> StopReason:
    """Return the reason of a stop (1.6 Reason §7.36, 2.x ReasonEnumType); absent means Local in every version."""
    if ocpp_reason is None:
        return StopReason.LOCAL
    return _REASONS.get(ocpp_reason, StopReason.OTHER)
