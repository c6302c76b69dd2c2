"""Headers, cookies and limits on every answer, errors included.

Invariant: no answer leaves without the content security policy; it allows no inline script but
the one in the page template, by its hash, and nothing from another host.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from itsdangerous import Signer
from werkzeug.wrappers import Response

from kith.settings import Settings, SettingsError

# The template of GOV.UK Frontend has one inline script; a test compares the hash with the page.
INLINE_SCRIPT = "sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw="
POLICY = (
    "default-src 'none'; object-src 'none'; "
    f"script-src 'self' '{INLINE_SCRIPT}'; "
    "style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_LARGEST_REQUEST = 64 * 1024
_YEAR = 365 * 24 * 3600


class _Sessions(SecureCookieSessionInterface):
    """Flask's own, signed by SHA-256: its default is SHA-1."""

    digest_method = staticmethod(hashlib.sha256)


def configure(app: Flask, settings: Settings) -> None:
    """Cookies, request sizes and the token against forged requests.

    Raises:
        SettingsError: if cookies are to go over plain HTTP to other machines.
    """
    if settings.insecure_cookies and settings.host not in _LOOPBACK:
        raise SettingsError("KITH_INSECURE_COOKIES is for a server on this machine only")
    # Or //x would be answered with a redirect that repeats whatever host was asked for.
    app.url_map.merge_slashes = False
    app.session_interface = _Sessions()
    Signer.default_digest_method = staticmethod(hashlib.sha256)  # form tokens, likewise
    # A demonstration is opened over plain HTTP, where some browsers refuse Secure cookies.
    plain = settings.insecure_cookies or settings.demo
    app.config.update(
        SECRET_KEY=settings.secret,
        # The prefix makes browsers insist on Secure and on no Domain.
        SESSION_COOKIE_NAME="kith" if plain else "__Host-kith",
        SESSION_COOKIE_SECURE=not plain,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=_LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=_LARGEST_REQUEST,
        MAX_FORM_PARTS=50,
        WTF_CSRF_TIME_LIMIT=None,  # it ends with the session
        # Browsers send no referrer (see HEADERS), which this check would ask for.
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_HEADERS=[],
    )


def install(app: Flask) -> None:
    """Register the checks and headers; call it last, so that errors get them too."""
    CSRFProtect(app)
    versions = _versions(Path(str(app.static_folder)))

    @app.url_defaults
    def version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in versions:
            values["v"] = versions[values["filename"]]

    @app.after_request
    def headers(response: Response) -> Response:
        for header, value in HEADERS.items():
            response.headers[header] = value
        if request.endpoint == "static" and response.status_code in {200, 304}:
            keep = _YEAR if "v" in request.args else 3600
            response.headers["Cache-Control"] = f"public, max-age={keep}"
        else:
            response.headers["Cache-Control"] = "no-store"
        if app.config["SESSION_COOKIE_SECURE"]:  # browsers heed it over TLS alone
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
        return response


def _versions(folder: Path) -> dict[str, str]:
    """A file's digest stands in its URL, so that browsers may keep it for long."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        for file in folder.rglob("*")
        if file.is_file()
    }
