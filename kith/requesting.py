"""Work requests at the desk: what an approver may choose from, and the answer as it is read.

Invariant: what an agency holds and what an answer tells leave this module only after their audit
row is written; what is approved is what the approver was shown.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass

from governance import registration, request_answers, requests
from governance.ids import is_opaque
from governance.permissions import Permission
from governance.request_answers import FIELDS, ToldFact
from governance.request_events import AnswerRead, RequestChanged, RequestConsidered
from governance.requests import Message, Question, RequestError, WorkRequest
from governance.sessions import SignedInUser
from governance.viewer import Viewer
from graph.requested import HeldFact, held, told
from kith.home import Home
from kith.watching import admit_look

_Fields = Mapping[str, Mapping[str, tuple[str, ...]]]
_USUAL: _Fields = {
    "known": {"record": ("lead_worker",)},
    "worker": {"record": ("lead_worker",), "contact": ("service", "ring")},
    "latest": {"contact": ("category", "service", "on_date", "status", "ring")},
    "chronology": {"contact": ("category", "service", "on_date", "status")},
    "free": {},
}
"""Question -> kind of fact -> the fields that answer it and no more."""
_WIDEST: _Fields = {
    "known": {"record": ("lead_worker", "updated_on")},
    "worker": {"record": ("lead_worker",), "contact": ("category", "service", "status", "ring")},
    "latest": {"contact": FIELDS["contact"]},
    "chronology": {"contact": FIELDS["contact"]},
    "free": FIELDS,
}
"""Question -> kind of fact -> the fields that an approver may choose from."""


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A fact that an approver may tell; `usual` are the fields chosen unless they choose others."""

    fact: HeldFact
    usual: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Considered:
    """A request before its approver.

    Attributes:
        who: the subject by the agency's own records, to compare with the asker's words.
        seen: the seal of what is offered; it comes back with the decision.
    """

    request: WorkRequest
    messages: list[Message]
    subject_id: str | None
    who: tuple[str, ...]
    offered: tuple[Offered, ...]
    seen: str


@dataclass(frozen=True, kw_only=True)
class ReadAnswer:
    """An answer as its asker reads it now; `changed`: something approved is not told any more."""

    request: WorkRequest
    agency: str
    ring: str
    facts: tuple[HeldFact, ...]
    changed: bool


class RequestDesk:
    """Where requests meet the graph."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def consider(
        self, user: SignedInUser, request_id: str, subject_id: str | None = None
    ) -> Considered:
        """What an approver may choose from; about the subject named, or the one asked about.

        Raises:
            NoSuchRequest: unless the user may answer it.
            RequestError: if it has been dealt with.
            LimitReached: if the user has looked as often as one may.
        """
        with self._home.register.session() as session:
            _, viewer = request_answers.approver_viewer(
                session, user, request_id, self._home.clock()
            )
        admit_look(self._home, viewer, Permission.ANSWER_REQUEST)
        made, viewer = self._considered(user, request_id, subject_id)
        ids = {each.fact.fact_id for each in made.offered} | {e.fact.via for e in made.offered}
        subject = {made.subject_id} if made.subject_id else set()
        self._home.audit.record(
            RequestConsidered.by(viewer, request_id=request_id, what=ids | subject),
            self._home.clock(),
        )
        return made

    def approve(
        self,
        user: SignedInUser,
        request_id: str,
        *,
        subject_id: str | None,
        chosen: Mapping[str, frozenset[str]],
        seen: str,
        words: str,
        days: int,
        restricted: bool = False,
    ) -> WorkRequest:
        """Tell some fields of some facts of those that were offered.

        Args:
            chosen: fact -> fields.
            seen: what `consider` gave.
            restricted: the approver knows that somebody among them must not be traced.

        Raises:
            RequestError: if something else was chosen, what was offered has changed since, or
                somebody restricted is told of unknowingly.
        """
        made, _ = self._considered(user, request_id, subject_id)
        if chosen and made.seen != seen:
            raise RequestError("What your agency holds has changed meanwhile. Look again.")
        offered = {each.fact.fact_id: each.fact for each in made.offered}
        facts = [self._told_fact(offered.get(key), names) for key, names in chosen.items()]
        if any(fact.restricted for fact in facts) and not restricted:
            raise RequestError(
                "Somebody in this must not be traced. Say that it may be told all the same, or "
                "choose less."
            )
        now = self._home.clock()
        with self._home.register.session() as session:
            done = request_answers.approve(
                session, user, request_id, facts=facts, words=words, days=days, now=now
            )
            self._home.audit.record(
                RequestChanged(
                    user_id=user.user_id,
                    agency=user.agency,
                    request_id=request_id,
                    change="told",
                    facts=len(facts),
                    restricted=any(fact.restricted for fact in facts),
                    what=[fact.fact_id for fact in facts],
                ),
                now,
            )
            session.commit()
        return done

    def read(self, user: SignedInUser, request_id: str) -> ReadAnswer:
        """The answer, for whoever asked.

        Raises:
            NoSuchRequest: for everybody else, and where there is none that may be read.
        """
        home, now = self._home, self._home.clock()
        with home.register.session() as session:
            found, facts = request_answers.answer_of(session, user, request_id, now)
            agency = next(
                each
                for each in registration.agencies(session)
                if each.agency_id == found.asked.giving_agency
            )
        lines = (
            told(
                home.store,
                lambda part: request_answers.answer_viewer(user, found, part, now),
                facts,
                self._seal,
            )
            if facts
            else []
        )
        viewer = request_answers.answer_viewer(user, found, [], now)
        home.audit.record(
            AnswerRead.by(viewer, request_id=request_id, what=[f.fact_id for f in lines]), now
        )
        return ReadAnswer(
            request=found,
            agency=agency.label,
            ring=agency.ring,
            facts=tuple(lines),
            changed=len(lines) < len(facts),
        )

    def _considered(
        self, user: SignedInUser, request_id: str, subject_id: str | None
    ) -> tuple[Considered, Viewer]:
        home = self._home
        with home.register.session() as session:
            found, viewer = request_answers.approver_viewer(session, user, request_id, home.clock())
            said = requests.messages(session, request_id)
        subject = subject_id or found.asked.subject_id
        if subject is not None and not is_opaque(subject):
            raise RequestError("A person or an address is named by its id: p_ or a_ and letters.")
        facts = held(home.store, viewer, subject) if subject else []
        offered = tuple(offered_for(found.asked, facts))
        seals = [self._seal(each.fact.fact_id, each.fact.values) for each in offered]
        made = Considered(
            request=found,
            messages=said,
            subject_id=subject,
            who=tuple(dict.fromkeys(_named(fact) for fact in facts if fact.what == "record")),
            offered=offered,
            seen=home.keys.seal("request offer", json.dumps(seals).encode()),
        )
        return made, viewer

    def _told_fact(self, fact: HeldFact | None, names: frozenset[str]) -> ToldFact:
        if fact is None or not names <= set(fact.values):
            raise RequestError("Choose from what is shown here.")
        values = {name: fact.values[name] for name in fact.values if name in names}
        return ToldFact(
            fact_id=fact.fact_id,
            what=fact.what,
            share_key=fact.share_key,
            via=fact.via,
            via_key=fact.via_key,
            fields=names,
            restricted=fact.restricted,
            seal=self._seal(fact.fact_id, values),
        )

    def _seal(self, fact_id: str, values: Mapping[str, str]) -> str:
        text = json.dumps([fact_id, sorted(values.items())], ensure_ascii=False)
        return self._home.keys.seal("request answer", text.encode())


def offered_for(asked: Question, facts: list[HeldFact]) -> list[Offered]:
    """Of what is held, what the question asks for: the rest is not even to choose from."""
    contacts = [fact for fact in facts if fact.what == "contact"]
    if asked.question == "latest":
        of_kind = [f for f in contacts if f.values.get("category") == asked.category]
        facts = of_kind[:1]
    elif asked.question == "chronology":
        facts = [fact for fact in contacts if _within(asked, fact)]
    elif asked.question == "worker":
        facts = [fact for fact in facts if fact.current]
    usual, widest = _USUAL[asked.question], _WIDEST[asked.question]
    made = []
    for fact in facts:
        names = [name for name in fact.values if name in widest.get(fact.what, ())]
        if names:
            cut = dataclasses.replace(fact, values={name: fact.values[name] for name in names})
            ticked = tuple(name for name in names if name in usual.get(fact.what, ()))
            made.append(Offered(fact=cut, usual=ticked))
    return made


def _within(asked: Question, fact: HeldFact) -> bool:
    day = fact.values.get("on_date")
    return day is not None and str(asked.from_date) <= day <= str(asked.to_date)


def _named(fact: HeldFact) -> str:
    said = fact.values
    name = " ".join(said[part] for part in ("given_name", "family_name") if part in said)
    name = name or said.get("full_name", "Name not known")
    born = said.get("birth_date")
    return f"{name}, born {born}" if born else name
