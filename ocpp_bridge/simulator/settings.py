"""A station's variables: 1.6 configuration keys and 2.0.1 device-model variables kept in one flat store.

A 2.0.1 variable is named `Component.Variable`. Values are text, as both versions transport them; a variable
whose initial value is a whole number or a boolean accepts only such values.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

SetOutcome = Literal["Accepted", "Rejected", "Unknown"]


@dataclass(slots=True)
class Setting:
    """One variable and whether the CSMS may change it."""

    value: str
    read_only: bool = False

    @property
    def data_type(self) -> str:
        """DataEnumType of the value (2.0.1 part 2, section 3.29), judged by its form."""
        if self.value in {"true", "false"}:
            return "boolean"
        return "integer" if self.value.isdigit() else "string"

    def fits(self, value: str) -> bool:
        """Tell whether `value` is of this variable's type."""
        if self.data_type == "boolean":
            return value.lower() in {"true", "false"}
        return value.isdigit() if self.data_type == "integer" else True


class Settings:
    """The variables of one station."""

    def __init__(self, defaults: Mapping[str, Setting], overrides: Mapping[str, str]) -> None:
        """Start with `defaults`; `overrides` replaces values and may add variables."""
        self._all = {name: Setting(s.value, s.read_only) for name, s in defaults.items()}
        self.changed: set[str] = set()
        for name, value in overrides.items():
            self._all[name] = Setting(value, self._all[name].read_only if name in self._all else False)
            self.changed.add(name)

    def __iter__(self) -> Iterator[tuple[str, Setting]]:
        """Yield every variable with its name."""
        yield from self._all.items()

    def get(self, name: str) -> Setting | None:
        """Return a variable, or None when the station has none of that name."""
        return self._all.get(name)

    def text(self, name: str) -> str:
        """Return a value that the station always has."""
        return self._all[name].value

    def flag(self, name: str) -> bool:
        """Return a boolean that the station always has."""
        return self.text(name).lower() == "true"

    def number(self, name: str) -> int:
        """Return a whole number that the station always has."""
        return int(self.text(name))

    def members(self, name: str) -> frozenset[str]:
        """Return the members of a comma-separated list."""
        return frozenset(part.strip() for part in self.text(name).split(",") if part.strip())

    def protect(self, name: str) -> None:
        """Make a variable read-only for the CSMS."""
        self._all[name].read_only = True

    def set(self, name: str, value: str) -> SetOutcome:
        """Change a variable on the CSMS's order."""
        setting = self._all.get(name)
        if setting is None:
            return "Unknown"
        if setting.read_only or not setting.fits(value):
            return "Rejected"
        setting.value = value
        self.changed.add(name)
        return "Accepted"
