"""Meter values of any version as readings: register in Wh, power in W, state of charge in percent.

Nothing is dropped: samples that are not understood stay in the reading verbatim, and an energy value that cannot be
read with certainty makes the reading suspect, so that it cannot bill by itself. One meter value with samples of
several contexts (Transaction.Begin and Transaction.End) becomes one reading a context.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from app.domain.charging.messages import Measurand, Reading
from app.kit.money import round_half_up
from ocpp_bridge.frames import plain
from ocpp_bridge.translate.samples import ENERGY_UNITS, POWER_UNITS, Sample, exact_number, scaled
from ocpp_bridge.translate.timestamps import read_time

_CONTEXT_ORDER = {"Transaction.Begin": 0, "Transaction.End": 2}
_CONTEXT_LENGTH = 40
_AT_THE_OUTLET = frozenset({None, "Outlet"})
_PHASES = ("L1", "L2", "L3")
_TOLERATED_UNITS = {"percent", "%"}

ReadSample = Callable[[Mapping[str, Any]], Sample]


def read_meter_values(
    meter_values: Any, read_sample: ReadSample, *, received_at: datetime, zone: tzinfo | None
) -> tuple[Reading, ...]:
    """Return the readings of a message's `meterValue` list, in the order sent."""
    readings: list[Reading] = []
    for meter_value in _objects(meter_values):
        readings.extend(_readings(meter_value, read_sample, received_at, zone))
    return tuple(readings)


def sample_16(raw: Mapping[str, Any]) -> Sample:
    """Read a SampledValue of OCPP 1.6 (§7.43; the value is text)."""
    signed = raw.get("format") == "SignedData"
    return Sample(
        number=None if signed else exact_number(raw.get("value")),
        measurand=str(raw.get("measurand") or Measurand.ENERGY),
        context=str(raw.get("context") or "Sample.Periodic"),
        phase=raw.get("phase"),
        location=raw.get("location"),
        unit=raw.get("unit"),
        signed=signed,
    )


def sample_2(raw: Mapping[str, Any]) -> Sample:
    """Read a SampledValueType of OCPP 2.x (part 2, §2.36; the value is a number with unit and multiplier)."""
    unit = raw.get("unitOfMeasure")
    unit = unit if isinstance(unit, dict) else {}
    multiplier = exact_number(unit.get("multiplier") or 0)
    return Sample(
        number=exact_number(raw.get("value")),
        measurand=str(raw.get("measurand") or Measurand.ENERGY),
        context=str(raw.get("context") or "Sample.Periodic"),
        phase=raw.get("phase"),
        location=raw.get("location"),
        unit=unit.get("unit"),
        multiplier=int(multiplier) if multiplier is not None else 99,  # 99: out of range, hence suspect
    )


def _objects(value: Any) -> Iterable[Mapping[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _readings(
    meter_value: Mapping[str, Any], read_sample: ReadSample, received_at: datetime, zone: tzinfo | None
) -> Iterable[Reading]:
    time = read_time(meter_value.get("timestamp"), received_at=received_at, zone=zone)
    by_context: dict[str, list[tuple[Sample, Mapping[str, Any]]]] = {}
    for raw in _objects(meter_value.get("sampledValue")):
        sample = read_sample(raw)
        by_context.setdefault(sample.context, []).append((sample, raw))
    for context in sorted(by_context, key=lambda name: _CONTEXT_ORDER.get(name, 1)):
        pairs = by_context[context]
        samples = [sample for sample, _ in pairs]
        register, doubt = _register(samples)
        yield Reading(
            taken_at=time.at,
            received_at=received_at,
            raw_timestamp=time.raw,
            context=context[:_CONTEXT_LENGTH],
            register_wh=register,
            power_w=_power(samples),
            soc_percent=_soc(samples),
            samples=[plain(dict(raw)) for _, raw in pairs],
            suspect_reason=doubt,
        )


def _register(samples: Sequence[Sample]) -> tuple[int | None, str | None]:
    """Return the import register and why it is in doubt: the outlet's; the sum of phases where no total is given."""
    energy = [s for s in samples if s.measurand == Measurand.ENERGY and not s.signed and s.location != "EV"]
    if not energy:
        return None, None
    outlet = [s for s in energy if s.location in _AT_THE_OUTLET]
    chosen = outlet or energy
    doubt = None if outlet else f"register measured at {chosen[0].location}"
    register = _total(chosen, ENERGY_UNITS)
    if register is None:
        return None, f"unreadable register: unit {chosen[0].unit!r}"
    if register < 0:
        return None, "negative register"
    return register, doubt


def _power(samples: Sequence[Sample]) -> int | None:
    power = [s for s in samples if s.measurand == Measurand.POWER and s.location != "EV"]
    outlet = [s for s in power if s.location in _AT_THE_OUTLET]
    return _total(outlet or power, POWER_UNITS)


def _total(samples: Sequence[Sample], units: dict[str, Decimal]) -> int | None:
    """Return the value without phase, else the sum of the phases L1 to L3 (to neutral or not)."""
    overall = [s for s in samples if s.phase is None]
    if overall:
        return scaled(overall[-1], units)
    by_phase: dict[str, int] = {}
    for sample in samples:
        phase = str(sample.phase).removesuffix("-N")
        value = scaled(sample, units)
        if phase in _PHASES:
            if value is None:
                return None
            by_phase[phase] = value
    return sum(by_phase.values()) if by_phase else None


def _soc(samples: Sequence[Sample]) -> int | None:
    for sample in samples:
        if sample.measurand != Measurand.SOC or sample.number is None:
            continue
        if sample.unit is None or sample.unit.strip().lower() in _TOLERATED_UNITS:
            percent = round_half_up(sample.number)
            return percent if 0 <= percent <= 100 else None  # noqa: PLR2004
    return None
