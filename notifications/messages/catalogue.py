"""The translated texts, read from gettext catalogues that translators can edit with their own tools.

Message ids are symbolic ("push.charging_ended.body"), and every language, English too, has a file of its own:
an id without a text is an error here, never shown to a driver. Placeholders are Python brace fields.
"""

import gettext
import io
from functools import cache
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DEFAULT_LANGUAGE = "en"
LANGUAGES = ("de", "en")
_FOLDER = Path(__file__).parent / "locale"


class MissingTextError(LookupError):
    """A catalogue has no text for an id: always a programming error."""

    def __init__(self, language: str, text_id: str) -> None:
        super().__init__(f"no {language} text for {text_id!r}")
        self.language = language
        self.text_id = text_id


def language_of(locale: str | None) -> str:
    """Return the language to write in to a reader of a locale ("de-AT", "en_GB"); English if unknown."""
    if not locale:
        return DEFAULT_LANGUAGE
    try:
        language = Locale.parse(locale.replace("-", "_")).language
    except (ValueError, UnknownLocaleError):
        return DEFAULT_LANGUAGE
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


@cache
def load_catalogue(language: str) -> Catalog:
    """Return a language's catalogue as written; raises PoFileError where the file is malformed."""
    with (_FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def _translations(language: str) -> gettext.GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, load_catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def text(language: str, text_id: str, **values: str) -> str:
    """Return the text of an id in a language with its placeholders filled.

    Raises MissingTextError for an id the catalogue lacks and KeyError for a placeholder without a value.
    """
    template = _translations(language).gettext(text_id)
    if template == text_id:
        raise MissingTextError(language, text_id)
    return template.format_map(values)
