"""Backups of a home: made, restored, and the keys for them.

Invariant: a backup that is not encrypted is made only if that is said; a private key is named by
its file and never printed.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from governance.declared import records, records_nothing
from governance.keeping_events import BackupMade, BackupRestored
from kith.cli import console
from kith.cli.declared import open_to_all
from kith.cli.options import home_option, opened, settings_for
from kith.settings import SettingsError
from records.errors import KithError

_FILE = click.Path(path_type=Path, dir_okay=False)
_OPERATOR = "whoever may read the files of the home could copy them; unattended work runs it"


@click.command()
@click.argument("out", type=_FILE)
@click.option(
    "--recipient", "recipients", multiple=True, help="Public key, age1... [KITH_AGE_RECIPIENTS]."
)
@click.option("--not-encrypted", is_flag=True, help="Write it as it is: whoever has it reads all.")
@home_option
@open_to_all(_OPERATOR)
@records(BackupMade)
def backup(
    out: Path, recipients: tuple[str, ...], not_encrypted: bool, home_folder: Path | None
) -> None:
    """Copy the whole home into OUT, encrypted to public keys."""
    from kith import backups

    with opened(home_folder) as home:
        keys = recipients or home.settings.age_recipients
        if not_encrypted and recipients:
            raise click.UsageError("--recipient and --not-encrypted say two things")
        if not keys and not not_encrypted:
            raise SettingsError(
                "a backup holds everybody: name a public key in KITH_AGE_RECIPIENTS or with "
                "--recipient (kith backup-key makes a pair), or say --not-encrypted"
            )
        made = backups.make(home, out, () if not_encrypted else tuple(keys))
        console.line(f"{out}: {made.files:,} files, list {made.manifest}")
        for name in made.elsewhere:
            console.say(f"The {name}'s database is not in the home: copy it by its own means now.")
        if not_encrypted:
            console.say("It is not encrypted: whoever has it reads everything.")


@click.command()
@click.argument("file", type=_FILE)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--identity", type=_FILE, help="File of the private key [KITH_AGE_IDENTITY_FILE].")
@open_to_all("there is no home yet")
@records(BackupRestored)
def restore(file: Path, folder: Path, identity: Path | None) -> None:
    """Make the home FOLDER from the backup FILE."""
    from kith import backups

    settings = settings_for(folder)
    made = backups.restore(file, settings, identity or settings.age_identity)
    console.line(
        f"{settings.home}: {made.files:,} files of {made.made_on:%Y-%m-%d %H:%M} UTC, "
        f"list {made.manifest}"
    )
    for name in made.elsewhere:
        console.say(f"The {name}'s database was not in the backup.")
    console.say("Everybody signs in again. Next: kith project, and kith audit verify.")


@click.command("backup-key")
@click.argument("file", type=_FILE)
@open_to_all("a new pair of keys, and no home")
@records_nothing("no home is opened")
def backup_key(file: Path) -> None:
    """Make a pair of keys: the private one into FILE, the public one printed."""
    from kith import ciphering

    private, public = ciphering.new_identity()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise KithError(f"{file} cannot be made: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="utf-8") as written:
        written.write(f"# public key: {public}\n{private}\n")
    console.line(public)
    console.say("Keep the file away from this machine: without it no backup can be read.")


@click.command("encrypt-staging")
@home_option
@open_to_all(_OPERATOR)
@records_nothing("what the rows say stays as it is; nothing of them is shown")
def encrypt_staging(home_folder: Path | None) -> None:
    """Encrypt what was staged before KITH_STAGING_KEY was set."""
    from loaders.at_rest import encrypt_staged
    from loaders.files import locked

    with opened(home_folder) as home:
        staging = home.folder / "staging"
        with locked(staging):
            count = encrypt_staged(staging, home.at_rest)
    console.line(f"{count:,} files of staging are encrypted now")


commands = (backup, restore, backup_key, encrypt_staging)
