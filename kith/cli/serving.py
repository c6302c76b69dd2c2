"""The web server.

Invariant: it starts with a secret only, and it alone holds the embedded graph while it runs.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType

import click

from kith import native, service
from kith.cli.console import say
from kith.cli.options import home_option, opened
from kith.home import Home
from kith.local import LocalServer

_THREADS = 8


def run(home: Home) -> None:
    """Serve until interrupted; commands reach this process over the home's socket."""
    import waitress

    from webapp import create_app

    home.settings.require_secret()
    app = create_app(home)
    socket = LocalServer(home.folder, home.key, lambda request: service.reply_to(home, request))
    host = home.settings.host
    server = waitress.create_server(
        app, host=host, port=home.settings.port, threads=_THREADS, ident=""
    )
    say(f"Kith answers on http://{host}:{server.effective_port} - stop it with Ctrl-C.")
    signal.signal(signal.SIGTERM, _stop)
    try:
        server.run()
    finally:
        server.close()
        socket.close()


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


@click.command()
@home_option
@click.option("--host", help="Address to listen on [KITH_HOST, or 127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port [KITH_PORT, or 8021].")
def serve(home_folder: Path | None, host: str | None, port: int | None) -> None:
    """Serve the pages until interrupted."""
    native.make_room()
    with opened(home_folder, host=host, port=port) as home:
        run(home)


commands = (serve,)
