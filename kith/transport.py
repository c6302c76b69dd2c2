"""Which databases may be reached over the network without TLS: none, unless somebody says so.

Invariant: nothing is sent to another machine whose certificate is not checked; what is on this
machine (loopback, a socket) needs no TLS.
"""

from __future__ import annotations

from urllib.parse import urlsplit

_HERE = frozenset({"", "localhost", "127.0.0.1", "::1"})
_HOW = "must be reached with TLS and its certificate checked"
_OR = "or set KITH_PLAIN_DATABASES=1 for a network of their own alone"


def plain_faults(databases: dict[str, str], neo4j_uri: str) -> list[str]:
    """What is wrong with addresses of databases; no address stands in the words.

    Args:
        databases: SQLAlchemy URLs by the variable that holds them; an empty one names none.
    """
    faults = [
        f"{variable}: {_HOW} (sslmode=verify-full), {_OR}"
        for variable, url in databases.items()
        if url and not _is_sure_postgresql(url)
    ]
    if neo4j_uri and not _is_sure_bolt(neo4j_uri):
        faults.append(f"NEO4J_URI: {_HOW} (bolt+s:// or neo4j+s://), {_OR}")
    return faults


def _is_sure_postgresql(url: str) -> bool:
    from sqlalchemy.engine import make_url  # what has no such address need not wait for it
    from sqlalchemy.exc import ArgumentError

    try:
        made = make_url(url)
    except (ArgumentError, ValueError):
        return True  # it is no address: the register says so
    if made.get_backend_name() != "postgresql":
        return True
    if made.query.get("sslmode") == "verify-full":
        return True
    named = [made.host or ""]
    for parameter in ("host", "hostaddr"):
        value = made.query.get(parameter, ())
        named += [value] if isinstance(value, str) else [*value]
    alone = "service" not in made.query  # of which a file says where it is
    return alone and all(host in _HERE or host.startswith("/") for host in named)


def _is_sure_bolt(uri: str) -> bool:
    try:
        found = urlsplit(uri)
        host = found.hostname or ""
    except ValueError:
        return True  # it is no address: the driver says so
    return found.scheme in {"bolt+s", "neo4j+s"} or host in _HERE
