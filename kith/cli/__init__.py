"""The command line: `kith`.

Invariant: every command ends with an exit code that means something and, on a fault, one clear
message on standard error. A fault nobody foresaw is logged without its values.
"""

from __future__ import annotations

import secrets
import sys

import click
import structlog

from kith.cli.answering import commands as requesting_commands
from kith.cli.area import commands as area_commands
from kith.cli.asking import commands as asking_commands
from kith.cli.auditing import commands as auditing_commands
from kith.cli.console import err
from kith.cli.emergencies import commands as emergency_commands
from kith.cli.explaining import commands as explaining_commands
from kith.cli.keeping import commands as keeping_commands
from kith.cli.labelling import commands as labelling_commands
from kith.cli.linking import commands as linking_commands
from kith.cli.loading import commands as loading_commands
from kith.cli.reporting import commands as reporting_commands
from kith.cli.retention import commands as retention_commands
from kith.cli.rights import commands as rights_commands
from kith.cli.serving import commands as serving_commands
from kith.cli.signing import commands as signing_commands
from kith.cli.status import commands as status_commands
from kith.cli.storage import disk_fault
from kith.cli.users import commands as users_commands
from kith.cli.why import commands as why_commands
from kith.logs import before_logging
from records.errors import KithError

EXIT_CODES = {
    0: "done",
    1: "a fault: the message says which",
    2: "wrong use of the command, or a setting that cannot be used",
    3: "not signed in, or not allowed",
    4: "input refused: nothing was changed",
    5: "nothing found",
    130: "interrupted",
}
"""What the exit codes mean; the manual shows this table."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kithgraph", prog_name="kith")
def kith() -> None:
    """Who is this, who lives here, and who already knows them."""


for command in (
    *area_commands,
    *signing_commands,
    *loading_commands,
    *linking_commands,
    *reporting_commands,
    *explaining_commands,
    *labelling_commands,
    *asking_commands,
    *emergency_commands,
    *requesting_commands,
    *why_commands,
    *retention_commands,
    *rights_commands,
    *users_commands,
    *serving_commands,
    *status_commands,
    *auditing_commands,
    *keeping_commands,
):
    kith.add_command(command)


def main() -> None:
    """Run a command and turn what went wrong into an exit code."""
    before_logging()
    try:
        result = kith.main(standalone_mode=False)
    except click.exceptions.Abort:
        err.print("Interrupted; nothing half-done is kept.")
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KithError as error:
        err.print(f"Error: {error}", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err.print("Interrupted; nothing half-done is kept.")
        sys.exit(130)
    except Exception as error:  # the last resort: the log gets its type and path, no values
        number = secrets.token_hex(4)
        structlog.get_logger("kith").error("command failed", number=number, exc_info=error)
        disk = disk_fault(error)
        if disk is not None:
            err.print(f"Error: {disk}; nothing half-done is kept. Mend that, and try again.")
            sys.exit(1)
        err.print(f"Something went wrong that Kith did not foresee ({type(error).__name__}).")
        err.print(f"The log (of the data folder, or above) says where, under number {number}.")
        sys.exit(1)
    sys.exit(result if isinstance(result, int) else 0)
