"""The audit for governance officers: verify it, seal it, read it.

Invariant: reading the audit is in the audit, and is written there before anything is printed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from governance import accounts, events
from governance.audit import Fault
from governance.checkpoints import PublicKey, kept_in
from governance.declared import records, records_nothing
from governance.ids import is_opaque
from governance.looks import DISCLOSURES, EXPORTS, REFUSALS, Asked, Look, ids_of_person, looks
from governance.permissions import Permission
from governance.policy import midnight
from governance.sessions import SignedInUser
from kith import auditing
from kith.auditing import Checked
from kith.cli import console
from kith.cli.declared import Purpose, needs, open_to_all
from kith.cli.options import home_option, json_option, opened
from kith.cli.tokens import current_user
from kith.home import Home
from records.errors import KithError

_LAST = 100
_VIEWS = {"disclosures": DISCLOSURES, "exports": EXPORTS, "refusals": REFUSALS}


class AuditFaultError(KithError):
    """The audit does not verify."""


@click.group()
def audit() -> None:
    """The audit (governance officers)."""


_checkpoint_option = click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="A checkpoint that was kept elsewhere, or a folder of them; again for more.",
)


@audit.command("verify")
@_checkpoint_option
@click.option("--key", "key_text", help="The home's public key as it was noted elsewhere.")
@home_option
@needs(Permission.VIEW_AUDIT, purpose=Purpose.NOT_NEEDED)
@records(events.AuditRead)
def verify(checkpoints: tuple[Path, ...], key_text: str | None, home_folder: Path | None) -> None:
    """Check the chain of the audit, and that it agrees with its checkpoints.

    Altered, removed, inserted, reordered and truncated rows are found; a chain that was made
    anew as a whole is found by checkpoints kept where nobody with access to the server can
    change them: name those with --checkpoint, and the key that they were made with with --key.
    """
    with opened(home_folder) as home:
        user = current_user(home)
        key = PublicKey.from_text(key_text) if key_text else None
        _tell(auditing.check_home(home, user, key=key, notes=_notes(checkpoints)))


@audit.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_checkpoint_option
@click.option("--key", "key_text", help="The public key that the checkpoints were made with.")
@open_to_all("reads a copy of the audit of whoever runs it, and tells numbers of rows alone")
@records_nothing("numbers of rows, of a copy: there is no home to write to")
def check(file: Path, checkpoints: tuple[Path, ...], key_text: str | None) -> None:
    """Check a copy of the audit (audit.sqlite): nobody signs in, and nothing is written.

    For auditors, and where the audit was tampered with so that nobody can sign in any more.
    """
    if checkpoints and not key_text:
        raise click.UsageError("checkpoints are checked with the key: --key KEY")
    key = PublicKey.from_text(key_text) if key_text else None
    with auditing.copied(file) as copy:
        _tell(auditing.check(copy, key, _notes(checkpoints)))


@audit.command("seal")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the checkpoint to a file too, to be kept elsewhere.",
)
@home_option
@needs(Permission.VIEW_AUDIT, purpose=Purpose.NOT_NEEDED)
@records(events.AuditRead)
def seal(out: Path | None, home_folder: Path | None) -> None:
    """Make a signed checkpoint of the audit now, and print it.

    Kith makes one by itself after every thousand rows and every day.
    """
    with opened(home_folder) as home:
        user = current_user(home)
        _read(home, user, rows=0)
        _, note = home.sealer.seal(home.clock())
        if out is not None:
            try:
                out.write_text(note, encoding="utf-8")
            except OSError as error:
                raise KithError(f"{out} cannot be written: {error.strerror}") from error
        click.echo(note, nl=False)


@audit.command("key")
@home_option
@needs(Permission.VIEW_AUDIT, purpose=Purpose.NOT_NEEDED)
@records_nothing("a public key")
def public_key(home_folder: Path | None) -> None:
    """Print the public key that checks this home's checkpoints; note it elsewhere."""
    with opened(home_folder) as home:
        click.echo(home.sealer.key.public.text)


@audit.command("show")
@click.option("--person", help="Who looked at this person: the id of the person or of a record.")
@click.option("--about", multiple=True, help="Rows that name this opaque id; again for more.")
@click.option("--user", "username", help="What this user did and saw.")
@click.option("--view", type=click.Choice(sorted(_VIEWS)), help="A kind of rows.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Up to and with this day.")
@click.option("--last", type=click.IntRange(1, 100_000), default=_LAST, show_default=True)
@home_option
@json_option
@needs(Permission.VIEW_AUDIT, purpose=Purpose.NOT_NEEDED)
@records(events.AuditRead)
def show(
    person: str | None,
    about: tuple[str, ...],
    username: str | None,
    view: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    last: int,
    home_folder: Path | None,
    json_wanted: bool,
) -> int:
    """Who looked at this person, what did this user see, what was refused; newest first."""
    with opened(home_folder) as home:
        user = current_user(home)
        with home.register.session() as session:
            named = accounts.user_named(session, username) if username else None
            if username and named is None:
                raise KithError("there is no user of that name")
            ids = frozenset(_opaque(each) for each in about)
            if person:
                ids |= ids_of_person(session, _opaque(person))
            asked = Asked(
                kinds=_VIEWS[view] if view else frozenset(),
                user_id=named.user_id if named else None,
                about=ids,
                since=midnight(since.date()) if since else None,
                until=midnight(until.date() + dt.timedelta(days=1)) if until else None,
            )
            found = looks(session, home.audit, asked, last=last)
        _read(home, user, rows=len(found), what=[*about, *([person] if person else [])])
    if json_wanted:
        console.as_json([_plain(look) for look in found])
    else:
        columns = ("when (UTC)", "user", "agency", "role", "what", "purpose", "reference", "things")
        console.table(columns, [_cells(look) for look in found])
    return 0 if found else 5


def _read(home: Home, user: SignedInUser, **fields: Any) -> None:
    home.audit.record(events.AuditRead(user_id=user.user_id, agency=user.agency, **fields))


def _notes(named: Iterable[Path]) -> list[str]:
    """The checkpoints in files and folders."""
    return [
        auditing.text_of(file)
        for path in named
        for file in (kept_in(path) if path.is_dir() else [path])
    ]


def _tell(found: Checked) -> None:
    for fault in found.faults:
        console.line(_words(fault))
    if found.faults:
        raise AuditFaultError(f"the audit has {len(found.faults)} faults")
    console.line(
        f"{found.rows:,} rows, the chain is whole; {found.checkpoints:,} checkpoints agree."
    )


def _opaque(text: str) -> str:
    if not is_opaque(text):
        raise KithError("an id looks like p_ and 24 letters or digits; a name is no id")
    return text


def _words(fault: Fault) -> str:
    return f"row {fault.sequence}: {fault.what}" if fault.sequence else fault.what


def _plain(look: Look) -> dict[str, Any]:
    row = look.row
    return {
        "sequence": row.sequence,
        "at": row.at,
        "kind": row.kind,
        "user": look.user,
        "agency": look.agency,
        **{key: value for key, value in row.payload.items() if key not in {"user_id", "agency"}},
    }


def _cells(look: Look) -> tuple[object, ...]:
    payload = look.row.payload
    return (
        f"{look.row.at:%d %b %Y %H:%M}",
        look.user or None,
        look.agency or None,
        (payload.get("role") or "").replace("_", " ") or None,
        look.row.kind.replace("_", " "),
        (payload.get("purpose") or "").replace("_", " ") or None,
        payload.get("reference"),
        look.count or None,
    )


commands = (audit,)
