"""What each role may do. Code asks for a permission, never for a role."""

from enum import StrEnum
from types import MappingProxyType

from app.domain.operators.tables import OperatorRole
from app.domain.principals import Principal, PrincipalKind
from app.kit.errors import NotAllowedError


class Permission(StrEnum):
    """Something an operator may be allowed to do."""

    VIEW_NETWORK = "VIEW_NETWORK"
    VIEW_SESSIONS = "VIEW_SESSIONS"
    VIEW_DRIVERS = "VIEW_DRIVERS"
    VIEW_AUDIT = "VIEW_AUDIT"
    MANAGE_STATIONS = "MANAGE_STATIONS"
    MANAGE_TARIFFS = "MANAGE_TARIFFS"
    MANAGE_TOKENS = "MANAGE_TOKENS"
    COMMAND_CHARGERS = "COMMAND_CHARGERS"
    RESOLVE_INCIDENTS = "RESOLVE_INCIDENTS"
    REFUND = "REFUND"
    MANAGE_OPERATORS = "MANAGE_OPERATORS"


_READ_ONLY = frozenset({Permission.VIEW_NETWORK, Permission.VIEW_SESSIONS})
_SUPPORT = _READ_ONLY | {
    Permission.VIEW_DRIVERS,
    Permission.MANAGE_TOKENS,
    Permission.COMMAND_CHARGERS,
    Permission.RESOLVE_INCIDENTS,
}
_MANAGER = _SUPPORT | {
    Permission.MANAGE_STATIONS,
    Permission.MANAGE_TARIFFS,
    Permission.REFUND,
    Permission.VIEW_AUDIT,
}

ROLE_PERMISSIONS = MappingProxyType(
    {
        OperatorRole.READ_ONLY: _READ_ONLY,
        OperatorRole.SUPPORT: _SUPPORT,
        OperatorRole.MANAGER: _MANAGER,
        OperatorRole.OWNER: frozenset(Permission),
    }
)
"""Each role's permissions; a higher role has those of the lower ones."""


def has_permission(principal: Principal, permission: Permission) -> bool:
    """Tell whether a caller may do something; drivers and guests have no permission."""
    if principal.kind is not PrincipalKind.OPERATOR or principal.role is None:
        return False
    return permission in ROLE_PERMISSIONS[principal.role]


def require_permission(principal: Principal, permission: Permission) -> None:
    """Raise NotAllowedError where the caller lacks the permission."""
    if not has_permission(principal, permission):
        raise NotAllowedError(f"This needs the permission {permission.value}.")
