"""The operators' root fields, put together for the schema."""

import strawberry

from bff.operators.mutations.add_id_token import AddIdToken
from bff.operators.mutations.archive_tariff import ArchiveTariff
from bff.operators.mutations.assign_tariff import AssignTariff
from bff.operators.mutations.block_id_token import BlockIdToken
from bff.operators.mutations.change_availability import ChangeAvailability
from bff.operators.mutations.change_operator_role import ChangeOperatorRole
from bff.operators.mutations.clear_cache import ClearCache
from bff.operators.mutations.create_charger import CreateCharger
from bff.operators.mutations.create_evse import CreateEvse
from bff.operators.mutations.create_location import CreateLocation
from bff.operators.mutations.create_operator import CreateOperator
from bff.operators.mutations.disable_operator import DisableOperator
from bff.operators.mutations.enable_operator import EnableOperator
from bff.operators.mutations.get_variables import GetVariables
from bff.operators.mutations.publish_tariff import PublishTariff
from bff.operators.mutations.refund_session import RefundSession
from bff.operators.mutations.remove_id_token import RemoveIdToken
from bff.operators.mutations.reset_charger import ResetCharger
from bff.operators.mutations.resolve_incident import ResolveIncident
from bff.operators.mutations.resolve_review import ResolveReview
from bff.operators.mutations.rotate_charger_password import RotateChargerPassword
from bff.operators.mutations.set_operator_password import SetOperatorPassword
from bff.operators.mutations.set_variable import SetVariable
from bff.operators.mutations.sign_in_operator import SignInOperator
from bff.operators.mutations.stop_session import StopSession
from bff.operators.mutations.trigger_message import TriggerMessage
from bff.operators.mutations.unblock_id_token import UnblockIdToken
from bff.operators.mutations.unlock_connector import UnlockConnector
from bff.operators.mutations.update_charger import UpdateCharger
from bff.operators.mutations.update_connector import UpdateConnector
from bff.operators.mutations.update_evse import UpdateEvse
from bff.operators.mutations.update_id_token import UpdateIdToken
from bff.operators.mutations.update_location import UpdateLocation
from bff.operators.mutations.waive_debt import WaiveDebt
from bff.operators.queries.administration import AdministrationQueries
from bff.operators.queries.network import NetworkQueries
from bff.operators.queries.sessions import AdminSessionQueries


@strawberry.type
class OperatorQueries(NetworkQueries, AdminSessionQueries, AdministrationQueries):
    """What operators can ask for."""


@strawberry.type
class OperatorMutations(
    AddIdToken,
    ArchiveTariff,
    AssignTariff,
    BlockIdToken,
    ChangeAvailability,
    ChangeOperatorRole,
    ClearCache,
    CreateCharger,
    CreateEvse,
    CreateLocation,
    CreateOperator,
    DisableOperator,
    EnableOperator,
    GetVariables,
    PublishTariff,
    RefundSession,
    RemoveIdToken,
    ResetCharger,
    ResolveIncident,
    ResolveReview,
    RotateChargerPassword,
    SetOperatorPassword,
    SetVariable,
    SignInOperator,
    StopSession,
    TriggerMessage,
    UnblockIdToken,
    UnlockConnector,
    UpdateCharger,
    UpdateConnector,
    UpdateEvse,
    UpdateIdToken,
    UpdateLocation,
    WaiveDebt,
):
    """What operators can do."""
