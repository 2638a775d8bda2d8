"""OCPP 1.6J as the bridge knows it, and the configuration its chargers are brought to (§9)."""

from app.domain.charging.commands import VariableName
from app.domain.stations.states import OcppVersion
from ocpp_bridge.baseline import ENERGY, MEASURANDS, Wish
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.faults import SPELLING_16
from ocpp_bridge.schemas import SchemaSet
from ocpp_bridge.v16 import commands, security_messages
from ocpp_bridge.v16.authorize import AUTHORIZE
from ocpp_bridge.v16.boot_notification import BOOT_NOTIFICATION
from ocpp_bridge.v16.data_transfer import DATA_TRANSFER
from ocpp_bridge.v16.diagnostics_status_notification import DIAGNOSTICS_STATUS_NOTIFICATION
from ocpp_bridge.v16.firmware_status_notification import (
    FIRMWARE_STATUS_NOTIFICATION,
    SIGNED_FIRMWARE_STATUS_NOTIFICATION,
)
from ocpp_bridge.v16.meter_values import METER_VALUES
from ocpp_bridge.v16.start_transaction import START_TRANSACTION
from ocpp_bridge.v16.status_notification import STATUS_NOTIFICATION
from ocpp_bridge.v16.stop_transaction import STOP_TRANSACTION
from ocpp_bridge.version import Version, handlers_of


def wishes(config: BridgeConfig) -> list[Wish]:
    """Return the configuration keys we set."""

    def key(name: str, *values: str, only_if_known: bool = False) -> Wish:
        return Wish(VariableName(variable=name), values, only_if_known)

    return [
        key("MeterValueSampleInterval", str(config.sample_interval_seconds)),
        key("MeterValuesSampledData", *MEASURANDS),
        key("HeartbeatInterval", str(config.heartbeat_seconds)),
        key("ConnectionTimeOut", str(config.connection_timeout_seconds)),
        key("StopTxnSampledData", ENERGY, only_if_known=True),
        key("AllowOfflineTxForUnknownId", "false", only_if_known=True),
    ]


V16 = Version(
    name=OcppVersion.V16,
    schemas=SchemaSet("v16", request_suffix=""),
    handlers=handlers_of(
        BOOT_NOTIFICATION,
        STATUS_NOTIFICATION,
        AUTHORIZE,
        START_TRANSACTION,
        METER_VALUES,
        STOP_TRANSACTION,
        DATA_TRANSFER,
        DIAGNOSTICS_STATUS_NOTIFICATION,
        FIRMWARE_STATUS_NOTIFICATION,
        SIGNED_FIRMWARE_STATUS_NOTIFICATION,
        security_messages.SECURITY_EVENT_NOTIFICATION,
        security_messages.LOG_STATUS_NOTIFICATION,
        security_messages.SIGN_CERTIFICATE,
    ),
    spelling=SPELLING_16,
    answers_unreadable=False,
    build=commands.build,
    outcome=commands.outcome,
    variables=commands.variables,
    wishes=wishes,
    ask_status=commands.ask_status,
)
