"""The enums that only operators meet; importing this module registers them."""

from app.domain.charging.commands import ResetKind, TriggerKind
from app.domain.charging.review import ReviewDecision
from app.domain.charging.tables import CommandState, IncidentKind
from app.domain.operators.permissions import Permission
from app.domain.operators.tables import OperatorRole
from app.domain.stations.states import OcppVersion, RegistrationStatus
from bff.enums import register
from payments.tables import DocumentKind

register(
    CommandState,
    DocumentKind,
    IncidentKind,
    OcppVersion,
    OperatorRole,
    Permission,
    RegistrationStatus,
    ResetKind,
    ReviewDecision,
    TriggerKind,
)
