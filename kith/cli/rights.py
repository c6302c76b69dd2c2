"""A person's rights at the terminal: cases, what is held, restriction, erasure, corrections.

Invariant: what the pages refuse is refused here; values of a person are shown for a case alone,
and that they were is in the audit.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from governance import subject_cases, subject_items, subject_rectification
from governance.declared import records, records_nothing
from governance.erasure_events import ErasureBegun, ErasureDone
from governance.events import Projected, Resolved, RestrictionChanged
from governance.permissions import Permission
from governance.restrictions import REASONS
from governance.subject_cases import OUTCOMES, CaseTerms, SubjectCase
from governance.subject_events import (
    RectificationChanged,
    SubjectCaseChanged,
    SubjectErased,
    SubjectFound,
)
from kith import service
from kith.cli import console, tokens
from kith.cli.declared import Purpose, needs
from kith.cli.disclosing import commands as disclosing_commands
from kith.cli.looking_up import look_up_person
from kith.cli.options import DAY, home_option, json_option, opened
from kith.cli.tokens import current_user
from kith.rights import acting, remedies
from kith.rights.finding import find_everything
from kith.rights.items import PLACES
from kith.rights.wording import Labels, kind_words
from records.codes import code_list

_ENDS = ["refused", "withdrawn", "nothing", "rectified", "restricted"]


@click.group("rights")
def group() -> None:
    """A person's rights over their data: access, rectification, restriction, erasure (officers)."""


for _command in (look_up_person, *disclosing_commands):
    group.add_command(_command)


@group.command("open")
@click.argument("kind", type=click.Choice(list(code_list("subject_request").labels)))
@click.option("--person", "person_id", help="The person, by id.")
@click.option("--record", "record_ids", multiple=True, help="A record of theirs, by id; several.")
@click.option("--received", required=True, type=DAY, help="When it was received, YYYY-MM-DD.")
@click.option(
    "--identity",
    required=True,
    type=click.Choice(list(code_list("identity_check").labels)),
    help="How it was checked that they are who they say.",
)
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged)
def open_case(
    kind: str,
    person_id: str | None,
    record_ids: tuple[str, ...],
    received: dt.date,
    identity: str,
    home_folder: Path | None,
) -> None:
    """Open a case of KIND; it is due a calendar month after it was received."""
    terms = CaseTerms(
        kind=kind,
        received_on=received,
        identity_check=identity,
        person_id=person_id,
        record_ids=record_ids,
    )
    with opened(home_folder) as home:
        made = acting.open_case(home, current_user(home), terms)
    console.line(made.case_id)
    console.say(f"Opened. It is due on {made.due_on}.")


@group.command("list")
@click.option("--all", "everything", is_flag=True, help="Closed cases too.")
@home_option
@json_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records_nothing("cases by opaque ids")
def list_cases(everything: bool, home_folder: Path | None, json_wanted: bool) -> None:
    """Every case, the one that is due first at the top."""
    with opened(home_folder) as home, home.register.session() as session:
        found = [c for c in subject_cases.cases(session) if everything or c.state != "closed"]
        today = home.clock().date()
    if json_wanted:
        console.as_json(found)
        return
    rows = [
        (c.case_id, c.kind, c.received_on, c.due_on, "LATE" if c.overdue(today) else "", _state(c))
        for c in found
    ]
    console.table(("case", "kind", "received", "due", "", "state"), rows)


def _state(case: SubjectCase) -> str:
    return f"closed: {OUTCOMES[case.outcome]}" if case.outcome else case.state


@group.command("show")
@click.argument("case_id")
@home_option
@json_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(RectificationChanged)
def show(case_id: str, home_folder: Path | None, json_wanted: bool) -> None:
    """One case: its dates, how many items are decided, its corrections."""
    with opened(home_folder) as home:
        corrections = remedies.look_again(home, current_user(home), case_id)
        with home.register.session() as session:
            case = subject_cases.case(session, case_id)
            tally = dict(subject_items.tally(session, case_id))
    if json_wanted:
        console.as_json({"case": case, "items": tally, "rectifications": corrections})
        return
    about = [case.person_id] if case.person_id else case.record_ids
    console.heading(f"{case.kind} {case.case_id}: {_state(case)}")
    console.line(f"about {', '.join(about)}; received {case.received_on}, due {case.due_on}")
    if case.extended_because:
        console.line(f"prolonged: {case.extended_because}")
    for name, count in tally.items():
        console.line(f"items, {name or 'not decided'}: {count:,}")
    if case.bundle_sha256:
        console.line(f"bundle SHA-256 {case.bundle_sha256}, kept until {case.bundle_until or '-'}")
    rows = [
        (c.rectification_id, f"{c.agency}/{c.dataset}", c.what, c.field, c.state, c.changed_load)
        for c in corrections
    ]
    if rows:
        console.table(("correction", "dataset", "of a", "field", "state", "by load"), rows)


@group.command("find")
@click.argument("case_id")
@home_option
@json_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectFound)
def find(case_id: str, home_folder: Path | None, json_wanted: bool) -> None:
    """Where something about the person of a case is held: place, dataset, load, row, how sure."""
    with opened(home_folder) as home:
        found = find_everything(home, current_user(home), case_id)
        with home.register.session() as session:
            labels = Labels.of(session)
    if json_wanted:
        told = [
            {k: v for k, v in vars(item).items() if k not in ("values", "others")}
            for item in found.items
        ]
        console.as_json({"records": sorted(found.subject.records), "items": told})
        return
    rows = [
        (
            PLACES[item.place],
            kind_words(item),
            labels.source(item) if item.agency else None,
            item.load_id and f"{item.load_id}, row {item.line}",
            item.about,
            f"{item.count:,}",
            "" if item.sure else "perhaps",
        )
        for item in found.items
    ]
    console.table(("where", "what", "whose", "load", "id", "how many", ""), rows)


@group.command("extend")
@click.argument("case_id")
@click.option("--reason", required=True, help="Why: complexity, or number of requests.")
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged)
def extend(case_id: str, reason: str, home_folder: Path | None) -> None:
    """Prolong the time for the answer by two months; the person has to be told."""
    with opened(home_folder) as home:
        made = acting.extend(home, current_user(home), case_id, reason)
    console.say(f"It is due on {made.due_on}. Tell the person, and why.")


@group.command("close")
@click.argument("case_id")
@click.argument("outcome", type=click.Choice(_ENDS))
@click.option("--reason", default="", help="Why; needed for a refusal.")
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged)
def close(case_id: str, outcome: str, reason: str, home_folder: Path | None) -> None:
    """End a case that needs nothing more; a release and an erasure end theirs."""
    with opened(home_folder) as home:
        acting.close(home, current_user(home), case_id, outcome, reason)
    console.say("Closed.")


@group.command("rectify")
@click.argument("case_id")
@click.argument("fact_id")
@click.argument("field")
@click.option("--words", required=True, help="What is wrong, and what it should be.")
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(RectificationChanged)
def rectify(case_id: str, fact_id: str, field: str, words: str, home_folder: Path | None) -> None:
    """Put FIELD of a record, contact or indicator to the agency whose dataset holds it."""
    with opened(home_folder) as home:
        made = remedies.rectify(home, current_user(home), case_id, fact_id, field, words)
    console.line(made)
    console.say("Those named to answer for the agency have a notice.")


@group.command("answer")
@click.argument("rectification_id")
@click.argument("said", type=click.Choice(["accepted", "refused"]))
@click.option("--reason", default="", help="Why; needed for a refusal.")
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(RectificationChanged)
def answer(rectification_id: str, said: str, reason: str, home_folder: Path | None) -> None:
    """Write down what an agency said to a correction."""
    with opened(home_folder) as home:
        done = remedies.answer(
            home,
            current_user(home),
            rectification_id,
            accepted=said == "accepted",
            reason=reason,
            officer=True,
        )
    console.say(f"{subject_rectification.STATES[done.state]}.")


@group.command("restrict")
@click.argument("case_id")
@click.option("--reason", type=click.Choice(list(REASONS)), default="article_18")
@click.option("--lift", is_flag=True, help="Lift what this case restricted.")
@home_option
@needs(Permission.RESTRICT_PERSON, purpose=Purpose.NOT_NEEDED)
@records(RestrictionChanged, Projected)
def restrict(case_id: str, reason: str, lift: bool, home_folder: Path | None) -> None:
    """Restrict the processing of a person's records, and bring the graph up to date with it."""
    with opened(home_folder) as home:
        asked = {"verb": "subject_restrict", "token": tokens.find(home.folder)}
        given = {"case_id": case_id, "reason": None if lift else reason}
        count = service.ask(home, {**asked, **given})
    console.say(f"{'Lifted' if lift else 'Restricted'}: {count:,} records.")


@group.command("erase")
@click.argument("case_id")
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectErased, ErasureBegun, ErasureDone, Resolved, Projected)
def erase(case_id: str, home_folder: Path | None) -> None:
    """Carry out an erasure that another officer approved; nothing brings it back."""
    with opened(home_folder) as home:
        token = tokens.find(home.folder)
        console.say("Erasing ... everything is made anew without it; this takes a while.")
        told = service.ask(home, {"verb": "subject_erase", "token": token, "case_id": case_id})
    counts = told["counts"]
    rows = sum(counts["rows"].values())
    console.say(f"Erased: {rows:,} rows in {counts['loads']:,} loads. The case is closed.")
    for contact in counts["shared_contacts"]:
        console.line(contact)
    if counts["shared_contacts"]:
        console.say(
            "In these contacts others have a part: they stay. Look whether their words tell."
        )


@group.command("resume")
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(ErasureDone, Resolved, Projected)
def resume(home_folder: Path | None) -> None:
    """Carry on with erasures that were interrupted, whoever began them and why."""
    with opened(home_folder) as home:
        token = tokens.find(home.folder)
        done = service.ask(home, {"verb": "subject_resume", "token": token})
    console.say(f"Ended: {len(done):,}." if done else "None was interrupted.")


commands = (group,)
