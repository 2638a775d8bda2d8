"""What can go wrong with operators, as the admin is told it."""

from app.kit.errors import ConflictError


class OperatorExistsError(ConflictError):
    """Another operator of this brand has the address. Told openly: only operators may ask."""

    code = "EMAIL_TAKEN"

    def __init__(self) -> None:
        super().__init__("There is an operator with this e-mail address.", field="email")


class LastOwnerError(ConflictError):
    """A brand always keeps one owner who can sign in."""

    code = "LAST_OWNER"

    def __init__(self) -> None:
        super().__init__("The last owner can be neither disabled nor given another role.")
