"""The app's own documents: one operation a file in `graphql/operations`, named as the file."""

from pathlib import Path

DOCUMENTS_DIR = Path(__file__).parent.parent / "operations"


def load_document(name: str) -> str:
    """Return the text of an operation's document. Raises FileNotFoundError."""
    return (DOCUMENTS_DIR / f"{name}.graphql").read_text(encoding="utf-8")


def document_names() -> list[str]:
    """Return the names of all operations, sorted."""
    return sorted(path.stem for path in DOCUMENTS_DIR.glob("*.graphql"))
