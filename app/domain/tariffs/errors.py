"""The one error of the tariff engine: it always says where in the input the fault is."""

from app.kit.errors import InvalidInputError


class TariffError(InvalidInputError):
    """A tariff, or what is to be rated with it, is malformed; `path` names the place (`elements[2].price`)."""

    code = "INVALID_TARIFF"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}" if path else problem, field=path or None)
        self.path = path
        self.problem = problem
