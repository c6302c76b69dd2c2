"""The web server.

Invariant: it starts with a secret only, and it alone holds the embedded graph while it runs.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import click

from governance.declared import records_nothing
from kith import native, service
from kith.cli.console import say
from kith.cli.declared import open_to_all
from kith.cli.options import home_option, opened
from kith.home import Home
from kith.local import LocalServer
from kith.settings import Settings

_THREADS = 8
_LARGEST_REQUEST = 1024 * 1024
"""What is larger is not even read; the pages take far less (webapp.security)."""


def run(home: Home) -> None:
    """Serve until interrupted; commands reach this process over the home's socket."""
    import waitress

    from webapp import create_app

    home.settings.require_secret()
    app = create_app(home)
    socket = LocalServer(home.folder, home.key, lambda request: service.reply_to(home, request))
    host = home.settings.host
    server = waitress.create_server(
        app,
        host=host,
        port=home.settings.port,
        threads=_THREADS,
        ident="",
        max_request_body_size=_LARGEST_REQUEST,
        **_proxy(home.settings),
    )
    say(f"Kith answers on http://{host}:{server.effective_port} - stop it with Ctrl-C.")
    signal.signal(signal.SIGTERM, _stop)
    try:
        server.run()
    finally:
        server.close()
        socket.close()


def _proxy(settings: Settings) -> dict[str, Any]:
    """Whose word is taken for who asks, and whether they ask over TLS."""
    if not settings.trusted_proxy:
        return {}
    return {
        "trusted_proxy": settings.trusted_proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


@click.command()
@home_option
@click.option("--host", help="Address to listen on [KITH_HOST, or 127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port [KITH_PORT, or 8021].")
@open_to_all("the operator starts the server; its pages ask everybody to sign in")
@records_nothing("the pages record")
def serve(home_folder: Path | None, host: str | None, port: int | None) -> None:
    """Serve the pages until interrupted."""
    native.make_room()
    with opened(home_folder, host=host, port=port) as home:
        run(home)


commands = (serve,)
