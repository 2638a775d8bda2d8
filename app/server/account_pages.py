"""The pages behind the links in account mails, for whoever opens them in a browser instead of the app.

Opening a link changes nothing (mail scanners open links too): the page asks, and its button does it. Pages carry no
script, are not stored and send no referrer, for their address holds the one-time token.
"""

from dataclasses import dataclass
from html import escape
from typing import Annotated
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.enums import MediaType, RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromQuery

from app.db.tenants import tenant_by_host, tenant_by_slug
from app.db.uow import Database
from app.domain.drivers.passwords import Passwords
from app.domain.drivers.reset_password import reset_password
from app.domain.drivers.verify_email import verify_email
from app.kit.clock import Clock
from app.kit.errors import UserError

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
}

_TEXTS = {
    "de": {
        "verify": "E-Mail-Adresse bestätigen",
        "reset": "Neues Passwort wählen",
        "password": "Neues Passwort",
        "verified": "Die E-Mail-Adresse ist bestätigt. Du kannst zur App zurückkehren.",
        "changed": "Das Passwort ist geändert. Melde dich in der App neu an.",
        "failed": "Das hat nicht geklappt: der Link ist abgelaufen oder wurde schon benutzt.",
    },
    "en": {
        "verify": "Confirm e-mail address",
        "reset": "Choose a new password",
        "password": "New password",
        "verified": "The e-mail address is confirmed. You can go back to the app.",
        "changed": "The password is changed. Sign in again in the app.",
        "failed": "That did not work: the link has expired or was used before.",
    },
}

_PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"> <meta name="viewport"
content="width=device-width, initial-scale=1"><title>{title}</title> <style>:root{{color-scheme:light
dark}}body{{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:12vh auto;padding:0 1rem}}
input,button{{font:inherit;width:100%;padding:.7rem;margin:.4rem 0;box-sizing:border-box}}</style></head>
<body><h1>{title}</h1>{body}</body></html>"""


@dataclass(frozen=True)
class AccountLinkForm:
    """What a page sends when its button is pressed."""

    token: str
    brand: str = ""
    password: str = ""


class AccountPages:
    """Renders the pages and does what their buttons ask for."""

    def __init__(self, database: Database, clock: Clock, passwords: Passwords, default_tenant: str) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._default_tenant = default_tenant

    async def tenant(self, brand: str, host: str) -> UUID:
        """Return the brand of a link. Raises NotFoundError for an unknown one."""
        if not brand:
            found = await tenant_by_host(self._database, host.rsplit(":", 1)[0])
            if found is not None:
                return found.id
        return (await tenant_by_slug(self._database, brand or self._default_tenant)).id

    async def verify(self, tenant_id: UUID, form: AccountLinkForm) -> None:
        """Confirm the address. Raises UserError."""
        await verify_email(self._database, tenant_id, self._clock, token=form.token)

    async def reset(self, tenant_id: UUID, form: AccountLinkForm) -> None:
        """Set the new password. Raises UserError."""
        await reset_password(
            self._database,
            tenant_id,
            self._clock,
            passwords=self._passwords,
            token=form.token,
            new_password=form.password,
        )


def _language(request: Request[None, None, State]) -> str:
    return "de" if request.headers.get("accept-language", "").lower().startswith("de") else "en"


def _page(language: str, title: str, body: str, status: int = 200) -> Response[str]:
    html = _PAGE.format(language=language, title=escape(title), body=body)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=_HEADERS)


def _form(language: str, kind: str, token: str, brand: str, problem: str = "") -> Response[str]:
    texts = _TEXTS[language]
    field = ""
    if kind == "reset":
        field = (
            f'<label>{escape(texts["password"])}<input type="password" name="password" minlength="10" '
            'autocomplete="new-password" required></label>'
        )
    body = (
        f"{f'<p role=alert>{escape(problem)}</p>' if problem else ''}"
        f'<form method="post"><input type="hidden" name="token" value="{escape(token, quote=True)}">'
        f'<input type="hidden" name="brand" value="{escape(brand, quote=True)}">{field}'
        f"<button>{escape(texts[kind])}</button></form>"
    )
    return _page(language, texts[kind], body, status=400 if problem else 200)


Form = Annotated[AccountLinkForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


def create_account_pages(pages: AccountPages) -> list[HTTPRouteHandler]:
    """Return the routes `/verify-email` and `/reset-password`."""

    @get("/verify-email")
    async def show_verify(
        request: Request[None, None, State], token: FromQuery[str] = "", brand: FromQuery[str] = ""
    ) -> Response[str]:
        return _form(_language(request), "verify", token, brand)

    @get("/reset-password")
    async def show_reset(
        request: Request[None, None, State], token: FromQuery[str] = "", brand: FromQuery[str] = ""
    ) -> Response[str]:
        return _form(_language(request), "reset", token, brand)

    @post("/verify-email", status_code=200)
    async def do_verify(request: Request[None, None, State], data: Form) -> Response[str]:
        language = _language(request)
        try:
            await pages.verify(await pages.tenant(data.brand, request.headers.get("host", "")), data)
        except UserError:
            return _page(language, _TEXTS[language]["verify"], f"<p>{escape(_TEXTS[language]['failed'])}</p>", 400)
        return _page(language, _TEXTS[language]["verify"], f"<p>{escape(_TEXTS[language]['verified'])}</p>")

    @post("/reset-password", status_code=200)
    async def do_reset(request: Request[None, None, State], data: Form) -> Response[str]:
        language = _language(request)
        try:
            await pages.reset(await pages.tenant(data.brand, request.headers.get("host", "")), data)
        except UserError as error:
            if error.code == "WEAK_PASSWORD":  # the link stays usable
                return _form(language, "reset", data.token, data.brand, error.message)
            return _page(language, _TEXTS[language]["reset"], f"<p>{escape(_TEXTS[language]['failed'])}</p>", 400)
        return _page(language, _TEXTS[language]["reset"], f"<p>{escape(_TEXTS[language]['changed'])}</p>")

    return [show_verify, show_reset, do_verify, do_reset]
