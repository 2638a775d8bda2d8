"""OCPP 2.0.1 as the bridge knows it, and the variables its stations are brought to."""

from app.domain.charging.commands import VariableName
from app.domain.stations.states import OcppVersion
from ocpp_bridge.baseline import ENERGY, MEASURANDS, Wish
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.faults import SPELLING_2
from ocpp_bridge.schemas import SchemaSet
from ocpp_bridge.v201 import commands, security_messages
from ocpp_bridge.v201.authorize import AUTHORIZE
from ocpp_bridge.v201.boot_notification import BOOT_NOTIFICATION
from ocpp_bridge.v201.data_transfer import DATA_TRANSFER
from ocpp_bridge.v201.meter_values import METER_VALUES
from ocpp_bridge.v201.notify_event import NOTIFY_EVENT
from ocpp_bridge.v201.notify_report import NOTIFY_REPORT
from ocpp_bridge.v201.reservation_status_update import RESERVATION_STATUS_UPDATE
from ocpp_bridge.v201.status_notification import STATUS_NOTIFICATION
from ocpp_bridge.v201.status_reports import STATUS_REPORTS
from ocpp_bridge.v201.transaction_event import TRANSACTION_EVENT
from ocpp_bridge.version import Version, handlers_of


def wishes(config: BridgeConfig) -> list[Wish]:
    """Return the variables we set (component, variable; part 2 chapter 2)."""

    def variable(component: str, name: str, *values: str, only_if_known: bool = False) -> Wish:
        return Wish(VariableName(component=component, variable=name), values, only_if_known)

    return [
        variable("SampledDataCtrlr", "TxUpdatedInterval", str(config.sample_interval_seconds)),
        variable("SampledDataCtrlr", "TxUpdatedMeasurands", *MEASURANDS),
        variable("SampledDataCtrlr", "TxStartedMeasurands", ENERGY),
        variable("SampledDataCtrlr", "TxEndedMeasurands", ENERGY),
        variable("OCPPCommCtrlr", "HeartbeatInterval", str(config.heartbeat_seconds)),
        variable("TxCtrlr", "EVConnectionTimeOut", str(config.connection_timeout_seconds)),
        variable("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "false", only_if_known=True),
    ]


V201 = Version(
    name=OcppVersion.V201,
    schemas=SchemaSet("v201", request_suffix="Request"),
    handlers=handlers_of(
        BOOT_NOTIFICATION,
        STATUS_NOTIFICATION,
        AUTHORIZE,
        TRANSACTION_EVENT,
        METER_VALUES,
        NOTIFY_REPORT,
        NOTIFY_EVENT,
        RESERVATION_STATUS_UPDATE,
        DATA_TRANSFER,
        security_messages.SECURITY_EVENT_NOTIFICATION,
        security_messages.SIGN_CERTIFICATE,
        security_messages.GET_CERTIFICATE_STATUS,
        security_messages.GET_15118_EV_CERTIFICATE,
        *STATUS_REPORTS,
    ),
    spelling=SPELLING_2,
    answers_unreadable=True,
    build=commands.build,
    outcome=commands.outcome,
    variables=commands.variables,
    wishes=wishes,
    ask_status=commands.ask_status,
)
