"""A configuration variable's name, in the API's words."""

import strawberry

from app.domain.charging.commands import VariableName
from app.kit.errors import InvalidInputError

_MAX_NAME = 200


@strawberry.input
class VariableNameInput:
    """A 1.6 configuration key (`component` empty) or a 2.x component's variable."""

    variable: str
    component: str = ""

    def name(self) -> VariableName:
        """Return the name. Raises InvalidInputError."""
        if not 1 <= len(self.variable) <= _MAX_NAME or len(self.component) > _MAX_NAME:
            raise InvalidInputError(f"A variable's name has 1 to {_MAX_NAME} characters.", field="variable")
        return VariableName(variable=self.variable, component=self.component)
