"""Retention at the terminal: schedule, what falls due, reviews, disposals.

Invariant: what the pages refuse is refused here; ids, dates and counts are shown, nobody's name.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import click

from governance import events, lawful, retention, retention_disposal
from governance.declared import records, records_nothing
from governance.erasure_events import ErasureBegun, ErasureDone
from governance.ids import ANY
from governance.permissions import Permission
from governance.retention import ENDS, RuleTerms, period_words
from governance.retention_due import STATUSES
from governance.retention_events import (
    CertificateRead,
    DisposalChanged,
    DisposalDone,
    LawfulBasisNoted,
    RetentionListed,
    RetentionReviewed,
    RetentionRuleChanged,
)
from kith import retaining, service
from kith.cli import console, tokens
from kith.cli.declared import Purpose, needs
from kith.cli.holding import hold
from kith.cli.options import DAY, home_option, json_option, opened
from kith.cli.tidying import tidy
from kith.cli.tokens import current_user
from records.codes import code_list

_DISPOSAL = "d_"


@click.group("retention")
def group() -> None:
    """How long data are kept, what falls due, and disposing of it (governance officers)."""


group.add_command(hold)
group.add_command(tidy)


@group.command("schedule")
@click.option("--all", "everything", is_flag=True, help="Withdrawn rules too.")
@home_option
@json_option
@needs(Permission.VIEW_REGISTER, purpose=Purpose.NOT_NEEDED)
@records_nothing("rules of retention")
def schedule(everything: bool, home_folder: Path | None, json_wanted: bool) -> None:
    """How long each category of each dataset is kept, after what, and by whose rule."""
    with opened(home_folder) as home, home.register.session() as session:
        found = [
            each for each in retention.rules(session) if everything or each.withdrawn_at is None
        ]
        missing = retention.without_rule(session)
    if json_wanted:
        plain = [f"{agency}/{dataset}" for agency, dataset in missing]
        console.as_json({"rules": found, "without_rule": plain})
        return
    events_of = code_list("retention_event").labels
    rows = [
        (
            each.rule_id,
            f"{each.terms.agency}/{each.terms.dataset}",
            each.terms.category,
            f"{period_words(each.terms.months)} after {events_of[each.terms.event].lower()}",
            each.terms.ends,
            each.state,
            each.terms.source,
        )
        for each in found
    ]
    console.table(("rule", "dataset", "category", "kept", "then", "state", "source"), rows)
    for agency, dataset in missing:
        console.say(f"{agency}/{dataset}: some of it has no rule, and is kept until it has one")


@group.command("propose")
@click.argument("dataset")
@click.option("--category", default=ANY, show_default=True, help="person, or what it is about.")
@click.option("--years", type=click.IntRange(0, 200), default=0)
@click.option("--months", type=click.IntRange(0, 2400), default=0)
@click.option(
    "--after", required=True, type=click.Choice(list(code_list("retention_event").labels))
)
@click.option("--then", "ends", type=click.Choice(list(ENDS)), default="review", show_default=True)
@click.option("--source", required=True, help="Whose rule it is, and where it stands.")
@home_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(RetentionRuleChanged)
def propose(
    dataset: str,
    category: str,
    years: int,
    months: int,
    after: str,
    ends: str,
    source: str,
    home_folder: Path | None,
) -> None:
    """Propose a rule for DATASET (AGENCY/SYSTEM, or AGENCY/* for every system)."""
    agency, _, system = dataset.partition("/")
    terms = RuleTerms(
        agency=agency,
        dataset=system or ANY,
        category=category,
        event=after,
        months=12 * years + months,
        ends=ends,
        source=source,
    )
    with opened(home_folder) as home:
        rule_id = retaining.propose_rule(home, current_user(home), terms)
    console.line(rule_id)
    console.say(f"Proposed. Another officer puts it in force: kith retention approve {rule_id}")


@group.command("approve")
@click.argument("rule_or_disposal")
@home_option
@needs(Permission.APPROVE_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(RetentionRuleChanged, DisposalChanged)
def approve(rule_or_disposal: str, home_folder: Path | None) -> None:
    """Approve a rule, or a disposal, that another officer proposed."""
    with opened(home_folder) as home:
        if rule_or_disposal.startswith(_DISPOSAL):
            retaining.approve_disposal(home, current_user(home), rule_or_disposal)
            console.say(f"Approved. Carry it out: kith retention carry-out {rule_or_disposal}")
        else:
            retaining.approve_rule(home, current_user(home), rule_or_disposal)
            console.say("Approved. The rule is in force.")


@group.command("withdraw")
@click.argument("rule_or_disposal")
@home_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(RetentionRuleChanged, DisposalChanged)
def withdraw(rule_or_disposal: str, home_folder: Path | None) -> None:
    """End a rule, or give up a disposal that was not carried out."""
    with opened(home_folder) as home:
        if rule_or_disposal.startswith(_DISPOSAL):
            retaining.withdraw_disposal(home, current_user(home), rule_or_disposal)
        else:
            retaining.withdraw_rule(home, current_user(home), rule_or_disposal)
    console.say("Withdrawn.")


@group.command("due")
@click.option("--by", type=DAY, help="Last day that counts, YYYY-MM-DD [today].")
@click.option("--status", type=click.Choice(list(STATUSES)), default="review", show_default=True)
@click.option("--rule", "rule_id", help="By this rule alone.")
@click.option("--from", "offset", type=click.IntRange(0), default=0, help="Leave out so many.")
@click.option("--most", type=click.IntRange(0, 10_000), default=retaining.PAGE, show_default=True)
@home_option
@json_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(RetentionListed)
def due(
    by: dt.date | None,
    status: str,
    rule_id: str | None,
    offset: int,
    most: int,
    home_folder: Path | None,
    json_wanted: bool,
) -> None:
    """What falls due by a day, and why: which rule, after what, and when that was."""
    with opened(home_folder) as home:
        user = current_user(home)
        found = retaining.list_due(
            home, user, by=by, status=status, rule_id=rule_id, offset=offset, limit=most
        )
    if json_wanted:
        console.as_json(found)
        return
    counted: dict[tuple[str, str], int] = {}
    for each in found.tallies:
        key = (f"{each.agency}/{each.dataset}", each.status)
        counted[key] = counted.get(key, 0) + each.items
    console.table(
        ("dataset", "by " + str(found.by), "how many"),
        [(dataset, STATUSES[code], f"{count:,}") for (dataset, code), count in counted.items()],
    )
    rows = [
        (
            item.item_id,
            f"{item.agency}/{item.dataset} {item.category}",
            item.due_on,
            item.event and f"{item.event} {item.since or 'not known'}",
            item.rule_id,
            item.hold_id or item.next_review,
        )
        for item in found.items
    ]
    columns = ("id", "what", "due", "because of", "rule", "held by, or kept until")
    console.table(columns, rows, title=f"{STATUSES[status]}: {found.total:,}")


@group.command("review")
@click.argument("items", nargs=-1)
@click.option("--rule", "rule_id", help="All that is to be reviewed today by this rule.")
@click.option("--keep", "keep_until", type=DAY, help="Keep, and look again on YYYY-MM-DD.")
@click.option("--dispose", is_flag=True, help="Dispose of it, in the next disposal.")
@click.option("--reason", required=True, help="Why.")
@home_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(RetentionReviewed)
def review(
    items: tuple[str, ...],
    rule_id: str | None,
    keep_until: dt.date | None,
    dispose: bool,
    reason: str,
    home_folder: Path | None,
) -> None:
    """Decide about ITEMS that are due: keep them with a day to look again, or dispose of them."""
    if dispose is (keep_until is not None):
        raise click.UsageError("say either --keep DAY or --dispose")
    if bool(items) is (rule_id is not None):
        raise click.UsageError("name ids, or a --rule")
    outcome = "dispose" if dispose else "keep"
    with opened(home_folder) as home:
        user = current_user(home)
        if rule_id is not None:
            count = retaining.review_all(
                home, user, rule_id, outcome, reason, next_review=keep_until
            )
        else:
            count = retaining.review(home, user, items, outcome, reason, next_review=keep_until)
    console.say(f"Decided about {count:,}.")


@group.command("dispose")
@click.option("--by", type=DAY, help="What is due by YYYY-MM-DD [today].")
@click.option("--rule", "rule_id", help="By this rule alone.")
@home_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(DisposalChanged)
def dispose(by: dt.date | None, rule_id: str | None, home_folder: Path | None) -> None:
    """Propose to dispose of all that may go; another officer has to approve it."""
    with opened(home_folder) as home:
        made = retaining.propose_disposal(home, current_user(home), by=by, rule_id=rule_id)
    console.line(made.disposal_id)
    console.say(
        f"Proposed: {made.items:,}. Another officer approves it: "
        f"kith retention approve {made.disposal_id}"
    )


@group.command("carry-out")
@click.argument("disposal_id")
@home_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(DisposalDone, ErasureBegun, ErasureDone, events.Resolved, events.Projected)
def carry_out(disposal_id: str, home_folder: Path | None) -> None:
    """Carry out an approved disposal: what is held or not due any more is spared."""
    with opened(home_folder) as home:
        token = tokens.find(home.folder)
        console.say("Disposing ... everything is made anew without it; this takes a while.")
        asked = {"verb": "carry_out", "token": token, "disposal_id": disposal_id}
        told = service.ask(home, asked)["certificate"]
    went = ", ".join(f"{count:,} {what}s" for what, count in told["totals"].items())
    console.say(f"Disposed of: {went}. Spared: {sum(told['spared'].values()):,}.")
    console.say(f"Its certificate: kith retention certificate {disposal_id}")


@group.command("disposals")
@home_option
@json_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records_nothing("counts of disposals")
def list_disposals(home_folder: Path | None, json_wanted: bool) -> None:
    """Every disposal, the newest first."""
    with opened(home_folder) as home, home.register.session() as session:
        found = retention_disposal.disposals(session)
    if json_wanted:
        console.as_json(found)
        return
    rows = [
        (each.disposal_id, each.due_by, each.rule_id, f"{each.items:,}", each.state)
        for each in found
    ]
    console.table(("disposal", "due by", "rule", "proposed", "state"), rows)


@group.command("certificate")
@click.argument("disposal_id")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a file.")
@home_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(CertificateRead)
def certificate(disposal_id: str, out: Path | None, home_folder: Path | None) -> None:
    """The certificate of a disposal: who, when, by which rules, how many of what, and digests."""
    with opened(home_folder) as home:
        told = retaining.read_certificate(home, current_user(home), disposal_id)
    if out is None:
        console.as_json(told)
        return
    out.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    console.say(f"Written: {out}")


@group.command("basis")
@click.argument("dataset")
@click.argument("basis", type=click.Choice([*code_list("lawful_basis").labels, lawful.NONE]))
@click.option("--until", type=DAY, help="The last day that it holds, YYYY-MM-DD.")
@home_option
@needs(Permission.MANAGE_REGISTER, purpose=Purpose.NOT_NEEDED)
@records(LawfulBasisNoted)
def basis_of(dataset: str, basis: str, until: dt.date | None, home_folder: Path | None) -> None:
    """Note the lawful basis of DATASET (AGENCY/SYSTEM): without one no file of it is taken."""
    with opened(home_folder) as home:
        retaining.note_basis(home, current_user(home), dataset, basis, until)
    console.say("Noted. It holds for every load from now on.")


commands = (group,)
