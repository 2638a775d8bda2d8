"""docs/settings.md is what the settings' own descriptions say."""

import runpy
from collections.abc import Callable

from app.kit.settings import Settings
from tests.architecture.source import ROOT


def test_the_settings_page_is_up_to_date() -> None:
    document: Callable[[], str] = runpy.run_path(str(ROOT / "scripts" / "settings-doc"))["document"]
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == document(), "run scripts/settings-doc"
    for name in Settings.model_fields:
        assert f"`VOLTLANE_{name.upper()}`" in page
