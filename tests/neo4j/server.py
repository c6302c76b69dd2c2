"""A real Neo4j Community without Docker, assembled from Maven Central, for tests and the demo.

Invariant: the server listens on the loopback address only, keeps its data in the folder it was
given, has a password made on the spot, and ends with the process that started it. Neo4j is
GPLv3: it is fetched and run beside the product, never shipped in it.

    python -m tests.neo4j.server --home FOLDER -- COMMAND ...

runs a command with NEO4J_URI, NEO4J_USER and NEO4J_PASSWORD set to such a server.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import neo4j
from neo4j.exceptions import AuthError, DriverError, Neo4jError

HERE = Path(__file__).parent
_OPENED = ("java.base/java.nio", "java.base/java.lang", "java.base/sun.nio.ch")
_START_SECONDS = 180.0
_FETCH_SECONDS = 1200.0


class CannotRunNeo4j(RuntimeError):
    """Java or Maven is missing, or Maven Central cannot be reached."""


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How to reach a Neo4j."""

    uri: str
    user: str
    password: str

    def environment(self) -> dict[str, str]:
        return {
            "NEO4J_URI": self.uri,
            "NEO4J_USER": self.user,
            "NEO4J_PASSWORD": self.password,
        }


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Connection]:
    """A server on a free port for the time of the block.

    Raises:
        CannotRunNeo4j: if it cannot be assembled or does not become ready.
    """
    jars = assemble()
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    log = (folder / "server.log").open("wb")
    opens = [f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED]
    command = ["java", "-Xmx1g", *opens, "-cp", f"{jars}/*", str(HERE / "Server.java")]
    process = subprocess.Popen(
        [*command, str(folder.resolve()), str(port)], stdout=log, stderr=log, cwd=folder
    )
    try:
        yield _ready(f"bolt://127.0.0.1:{port}", _password(folder), process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def assemble() -> Path:
    """The folder of Neo4j's jars, fetched once per version of pom.xml, outside the checkout."""
    for program in ("javac", "mvn"):
        if shutil.which(program) is None:
            raise CannotRunNeo4j(f"'{program}' is missing (Debian: openjdk-17-jdk-headless, maven)")
    pom = HERE / "pom.xml"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    jars = cache / "kith" / f"neo4j-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if jars.is_dir():
        return jars
    building = jars.with_name(f"{jars.name}.{os.getpid()}")
    command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
    options = [f"-DoutputDirectory={building}", "-DincludeScope=runtime"]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, timeout=_FETCH_SECONDS, check=False
    )
    if done.returncode != 0:
        shutil.rmtree(building, ignore_errors=True)
        raise CannotRunNeo4j(f"Maven could not fetch it: {done.stdout[-500:]}")
    with contextlib.suppress(OSError):  # another process was quicker
        building.rename(jars)
    shutil.rmtree(building, ignore_errors=True)
    return jars


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _password(folder: Path) -> str:
    file = folder / "password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24), encoding="ascii")
    return file.read_text(encoding="ascii")


def _ready(uri: str, password: str, process: subprocess.Popen[bytes]) -> Connection:
    """Poll until the server answers with our password, which replaces the one it is born with."""
    limit = time.monotonic() + _START_SECONDS
    while time.monotonic() < limit:
        if process.poll() is not None:
            raise CannotRunNeo4j(f"it ended at once with code {process.returncode}")
        if not _listens(uri):
            time.sleep(0.25)
            continue
        try:
            with neo4j.GraphDatabase.driver(uri, auth=("neo4j", password)) as driver:
                driver.execute_query("RETURN 1", database_="neo4j")
            return Connection(uri=uri, user="neo4j", password=password)
        except AuthError:
            _replace_first_password(uri, password)
        except (DriverError, Neo4jError, OSError):
            time.sleep(0.25)
    raise CannotRunNeo4j(f"it was not ready after {_START_SECONDS:.0f} seconds")


def _listens(uri: str) -> bool:
    host, port = uri.removeprefix("bolt://").split(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False


def _replace_first_password(uri: str, password: str) -> None:
    statement = "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new"
    with (
        contextlib.suppress(DriverError, Neo4jError),
        neo4j.GraphDatabase.driver(uri, auth=("neo4j", "neo4j")) as driver,
    ):
        driver.execute_query(statement, {"new": password}, database_="system")


def main() -> int:
    """Run a command beside a server of its own."""
    parser = argparse.ArgumentParser(description="Run a command with a real Neo4j.")
    parser.add_argument("--home", type=Path, required=True, help="folder for the server's data")
    parser.add_argument("command", nargs="+", help="the command, after --")
    given = parser.parse_args()
    sys.stderr.write("Starting Neo4j (the first time it is fetched, which takes a while) ...\n")
    try:
        with running(given.home) as connection:
            sys.stderr.write(f"Neo4j answers on {connection.uri}\n")
            environment = {**os.environ, **connection.environment()}
            return subprocess.run(given.command, env=environment, check=False).returncode
    except CannotRunNeo4j as error:
        sys.stderr.write(f"Neo4j cannot run here: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
