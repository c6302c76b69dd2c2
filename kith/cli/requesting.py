"""Work requests at the terminal.

Invariant: what the pages refuse is refused here; what an approver may tell, and what an answer
says, come from whoever has the graph open, after the audit.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from governance import events, request_answers, requests
from governance.bases import BASES
from governance.declared import records, records_nothing
from governance.permissions import Permission
from governance.policy import viewer_for
from governance.request_answers import LASTS
from governance.request_events import AnswerRead, RequestChanged, RequestConsidered, RequestMade
from governance.requests import QUESTIONS, REFUSALS, URGENCIES, Question
from governance.sessions import SignedInUser
from kith import service
from kith.cli import console, tokens
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened
from kith.cli.tokens import current_user
from kith.home import Home

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("request")
def request() -> None:
    """Ask an agency for what you may not see, and answer for your own."""


@request.command("ask")
@click.argument("agency")
@click.argument("question", type=click.Choice(list(QUESTIONS)))
@click.option("--words", help="Who is meant and what you need; asked for if left out.")
@click.option("--about", help="Id of the person or address, as a check printed it.")
@click.option("--category", help="Kind of involvement, for `latest`.")
@click.option("--from", "first", type=_DAY, help="First day, for `chronology`.")
@click.option("--to", "last", type=_DAY, help="Last day, for `chronology`.")
@click.option("--basis", type=click.Choice(list(BASES)), default="public_task", show_default=True)
@click.option("--urgency", type=click.Choice(list(URGENCIES)), default="today", show_default=True)
@home_option
@needs(Permission.ASK_AGENCY, purpose=Purpose.STATED)
@records(RequestMade)
def ask(
    agency: str,
    question: str,
    words: str | None,
    about: str | None,
    category: str | None,
    first: dt.datetime | None,
    last: dt.datetime | None,
    basis: str,
    urgency: str,
    home_folder: Path | None,
) -> None:
    """Ask AGENCY a QUESTION for the purpose that is stated; nothing is looked up."""
    if words is None:
        if not sys.stdin.isatty():
            raise click.UsageError("no terminal to ask who is meant: use --words")
        words = str(click.prompt("Who is meant, and what do you need to know"))
    asked = Question(
        giving_agency=agency,
        question=question,
        words=words,
        legal_basis=basis,
        urgency=urgency,
        category=category,
        from_date=first.date() if first else None,
        to_date=last.date() if last else None,
        subject_id=about,
    )
    with opened(home_folder) as home:
        user, now = current_user(home), home.clock()
        with home.register.session() as session:
            made = requests.ask(session, user, asked, now)
            event = RequestMade.by(
                viewer_for(session, user, now),
                request_id=made.request_id,
                giving_agency=agency,
                question=question,
                what=[about] if about else [],
            )
            home.audit.record(event, now)
            session.commit()
    console.line(made.request_id)
    console.say("Sent. `kith request list` says when it is answered.")


@request.command("list")
@home_option
@json_option
@needs(Permission.ASK_AGENCY, purpose=Purpose.NOT_NEEDED)
@records_nothing("one's own requests and answers that wait; no fact is shown")
def list_requests(home_folder: Path | None, json_wanted: bool) -> int:
    """What you asked, and what waits for you to answer."""
    with opened(home_folder) as home:
        user, now = current_user(home), home.clock()
        with home.register.session() as session:
            mine = requests.asked_by(session, user.user_id)
            waits = [e for e in requests.to_answer(session, user) if e.state in requests.OPEN]
    lines = [
        {
            "request_id": each.request_id,
            "yours": each in mine,
            "agency": each.asked.giving_agency if each in mine else each.agency,
            "question": each.asked.question,
            "reference": each.reference,
            "state": each.stands(now),
            "asked_at": each.asked_at,
        }
        for each in (*waits, *mine)
    ]
    if json_wanted:
        console.as_json(lines)
    else:
        rows = [
            (
                each["request_id"],
                "to" if each["yours"] else "from",
                each["agency"],
                each["question"],
                each["reference"],
                str(each["state"]).replace("_", " "),
            )
            for each in lines
        ]
        console.table(("request", "", "agency", "asks", "reference", "state"), rows)
    return 0 if lines else 5


@request.command("look")
@click.argument("request_id")
@click.option("--about", help="Id of the person or address that it is about.")
@home_option
@json_option
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestConsidered)
def look(request_id: str, about: str | None, home_folder: Path | None, json_wanted: bool) -> None:
    """As an approver: what REQUEST_ID asks, and what your agency holds that could answer it."""
    with opened(home_folder) as home:
        made = service.ask(home, _consider(home, request_id, about))
    if json_wanted:
        console.as_json(made)
        return
    asked = made["request"]["asked"]
    console.heading(QUESTIONS[asked["question"]])
    for key in ("category", "from_date", "to_date"):
        if asked[key]:
            console.line(f"  {key.replace('_', ' ')}: {asked[key]}")
    console.line(f"  {asked['words']}")
    console.line(f"  {made['request']['purpose']}, {made['request']['reference']}")
    for message in made["messages"]:
        console.line(f"  - {message['words']}")
    for who in made["who"]:
        console.line(f"By your records: {who}")
    for each in made["offered"]:
        fact = each["fact"]
        console.heading(fact["fact_id"] + (" (must not be traced)" if fact["restricted"] else ""))
        for name, value in fact["values"].items():
            console.line(f"  {'*' if name in each['usual'] else ' '} {name}: {value}")


@request.command("tell")
@click.argument("request_id")
@click.option("--about", help="Id of the person or address that it is about.")
@click.option("--field", "fields", multiple=True, help="FACT:FIELD to tell; again for more.")
@click.option("--usual", is_flag=True, help="Tell what `look` marks with *.")
@click.option("--words", default="", help="Words of your own.")
@click.option("--days", type=click.Choice([str(days) for days in LASTS]), default="7")
@click.option("--restricted", is_flag=True, help="Tell it though they must not be traced.")
@home_option
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestConsidered, RequestChanged)
def tell(
    request_id: str,
    about: str | None,
    fields: tuple[str, ...],
    usual: bool,
    words: str,
    days: str,
    restricted: bool,
    home_folder: Path | None,
) -> None:
    """As an approver: let the asker read some fields, for some days."""
    chosen: dict[str, set[str]] = {}
    for entry in fields:
        fact_id, _, name = entry.partition(":")
        chosen.setdefault(fact_id, set()).add(name)
    with opened(home_folder) as home:
        asked = _consider(home, request_id, about)
        made = service.ask(home, asked)
        for each in made["offered"] if usual else []:
            if each["usual"]:
                chosen.setdefault(each["fact"]["fact_id"], set()).update(each["usual"])
        told = {
            **asked,
            "verb": "request_tell",
            "chosen": {key: sorted(names) for key, names in chosen.items()},
            "seen": made["seen"],
            "words": words,
            "days": int(days),
            "restricted": restricted,
        }
        service.ask(home, told)
    console.say("Told. Whoever asked has a notice.")


@request.command("answer")
@click.argument("request_id")
@home_option
@json_option
@needs(Permission.ASK_AGENCY, purpose=Purpose.NOT_NEEDED)
@records(AnswerRead)
def answer(request_id: str, home_folder: Path | None, json_wanted: bool) -> None:
    """Read the answer to your own REQUEST_ID; every look is on record."""
    with opened(home_folder) as home:
        asked = {"verb": "request_read", "token": tokens.find(home.folder)}
        read = service.ask(home, asked | {"request_id": request_id})
    if json_wanted:
        console.as_json(read)
        return
    console.heading(
        f"Answer of {read['agency']}, for you alone until "
        f"{read['request']['expires_at'][:16].replace('T', ' ')} UTC"
    )
    if read["request"]["answer"]:
        console.line(read["request"]["answer"])
    for fact in read["facts"]:
        console.heading(fact["what"])
        for name, value in fact["values"].items():
            console.line(f"  {name.replace('_', ' ')}: {value}")
    if read["changed"]:
        console.line("Something that was told is no longer as it was, and is not shown.")
    console.line(f"Ring {read['ring']}")


@request.command("nothing")
@click.argument("request_id")
@home_option
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def nothing(request_id: str, home_folder: Path | None) -> None:
    """As an approver: nothing that can be told; the asker reads the same whatever you know."""
    _change(
        home_folder,
        request_id,
        "nothing",
        lambda s, u, now: requests.tell_nothing(s, u, request_id, now),
    )


@request.command("refuse")
@click.argument("request_id")
@click.argument("reason", type=click.Choice(list(REFUSALS)))
@home_option
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def refuse(request_id: str, reason: str, home_folder: Path | None) -> None:
    """As an approver: refuse, on a ground that lies in the request."""
    _change(
        home_folder,
        request_id,
        "refused",
        lambda s, u, now: requests.refuse(s, u, request_id, reason, now),
    )


@request.command("ask-back")
@click.argument("request_id")
@click.argument("words")
@home_option
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def ask_back(request_id: str, words: str, home_folder: Path | None) -> None:
    """As an approver: ask for more before you decide."""
    _change(
        home_folder,
        request_id,
        "asked_back",
        lambda s, u, now: requests.ask_back(s, u, request_id, words, now),
    )


@request.command("reply")
@click.argument("request_id")
@click.argument("words")
@home_option
@needs(Permission.ASK_AGENCY, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def reply(request_id: str, words: str, home_folder: Path | None) -> None:
    """Reply to what the agency asked back."""
    _change(
        home_folder,
        request_id,
        "replied",
        lambda s, u, now: requests.reply(s, u, request_id, words, now),
    )


@request.command("withdraw")
@click.argument("request_id")
@home_option
@needs(Permission.ASK_AGENCY, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def withdraw(request_id: str, home_folder: Path | None) -> None:
    """Take a request of yours back."""
    _change(
        home_folder, request_id, "withdrawn", lambda s, u, _: requests.withdraw(s, u, request_id)
    )


@request.command("revoke")
@click.argument("request_id")
@home_option
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def revoke(request_id: str, home_folder: Path | None) -> None:
    """As an approver: take an answer back at once."""
    _change(
        home_folder,
        request_id,
        "revoked",
        lambda s, u, now: request_answers.revoke(s, u, request_id, now),
    )


Act = Callable[[Session, SignedInUser, dt.datetime], None]


def _change(home_folder: Path | None, request_id: str, change: str, act: Act) -> None:
    with opened(home_folder) as home:
        user, now = current_user(home), home.clock()
        with home.register.session() as session:
            act(session, user, now)
            record(home, RequestChanged, user, request_id=request_id, change=change)
            session.commit()
    console.say("Done.")


def _consider(home: Home, request_id: str, about: str | None) -> dict[str, Any]:
    return {
        "verb": "request_consider",
        "token": tokens.find(home.folder),
        "request_id": request_id,
        "subject_id": about,
    }


def record(home: Home, event: type[events.Event], user: SignedInUser, **fields: Any) -> None:
    home.audit.record(event(user_id=user.user_id, agency=user.agency, **fields), home.clock())
