"""Requests of commands, answered by whoever has the graph open: the command or the server.

Invariant: a request is answered under the session it carries, if the permission that its verb
declares is the user's; its answer is plain values, made after the audit row was written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from governance import events
from governance.accounts import resume, state_purpose
from governance.errors import PurposeNeeded, SessionEnded
from governance.permissions import Permission, Role
from governance.policy import viewer_for
from governance.sessions import SignedInUser
from governance.viewer import Viewer
from kith import erasing, local, pipeline
from kith.desk import Desk
from kith.home import Home
from kith.local import Reply, Request
from kith.plain import to_plain
from kith.refusing import demand
from kith.requesting import RequestDesk
from kith.retaining import carry_out
from kith.rights import remedies
from kith.why import why
from records.errors import KithError


class RemoteError(KithError):
    """The running server's refusal, in its words."""

    def __init__(self, words: str, exit_code: int) -> None:
        super().__init__(words)
        self.exit_code = exit_code


class UnstatedError(KithError):
    """No purpose is in force for the session."""

    exit_code = 3


def ask(home: Home, request: Request) -> Any:
    """Answer a request: by the running server if the embedded graph is its own, else here.

    Raises:
        KithError: the refusal, whoever answered.
    """
    if not home.settings.neo4j_uri:
        reply = local.ask(home.folder, home.key, request)
        if reply is not None:
            if "error" in reply:
                raise RemoteError(str(reply["error"]), int(reply["exit_code"]))
            return reply["answer"]
    return answer(home, request)


def reply_to(home: Home, request: Request) -> Reply:
    """A request's reply as the local socket sends it; a fault becomes words."""
    try:
        return {"answer": answer(home, request)}
    except KithError as error:
        return {"error": str(error), "exit_code": error.exit_code}
    except Exception as error:  # the caller gets no values; the log gets type and path
        structlog.get_logger("kith").error("request failed", exc_info=error)
        return {"error": "the running server could not answer; its log says why", "exit_code": 1}


@dataclass(frozen=True)
class Verb:
    """What may be asked; `permission` is None where it is nobody's data and nobody is signed in."""

    permission: Permission | None
    make: Callable[[Home, Request], Any]


def answer(home: Home, request: Request) -> Any:
    """Answer in this process, which then holds the graph."""
    verb = VERBS[request["verb"]]
    if verb.permission is not None:
        demand(home, _user(home, request, home.clock()), verb.permission)
    return verb.make(home, request)


def _check(home: Home, request: Request) -> Any:
    viewer = _viewer(home, request, Permission.CHECK_ADDRESS)
    return to_plain(Desk(home).check_address(viewer, text=request["text"]))


def _person(home: Home, request: Request) -> Any:
    viewer = _viewer(home, request, Permission.VIEW_PERSON)
    return to_plain(Desk(home).person(viewer, request["person_id"]))


def _project(home: Home, request: Request) -> Any:
    user = _user(home, request, home.clock())
    actor = pipeline.Actor(user_id=user.user_id, agency=user.agency)
    return to_plain(pipeline.project(home, actor=actor))


def _carry_out(home: Home, request: Request) -> Any:
    user = _user(home, request, home.clock())
    return to_plain(carry_out(home, user, request["disposal_id"]))


def _subject_erase(home: Home, request: Request) -> Any:
    user = _user(home, request, home.clock())
    return to_plain(remedies.erase(home, user, request["case_id"]))


def _subject_resume(home: Home, request: Request) -> Any:
    user = _user(home, request, home.clock())
    actor = pipeline.Actor(user_id=user.user_id, agency=user.agency)
    return to_plain(erasing.resume(home, actor))


def _subject_restrict(home: Home, request: Request) -> Any:
    user = _user(home, request, home.clock())
    if request["reason"] is None:
        return remedies.lift(home, user, request["case_id"])
    return remedies.restrict(home, user, request["case_id"], request["reason"])


def _viewer(home: Home, request: Request, permission: Permission) -> Viewer:
    return signed_viewer(home, request, permission)[1]


def signed_viewer(
    home: Home, request: Request, permission: Permission, role: Role | None = None
) -> tuple[SignedInUser, Viewer]:
    """Who holds the request's session, and what they may see for its purpose.

    Args:
        role: the role to act in; None: the first of those that the user holds.

    Raises:
        NotPermitted: if no role of theirs gives the permission.
        UnstatedError: if no purpose is in force.
    """
    now = home.clock()
    user = _user(home, request, now)
    demand(home, user, permission)
    with home.register.session() as session:
        if request.get("purpose"):
            user = state_purpose(
                session,
                request["token"],
                request["purpose"],
                request["reference"],
                now,
                basis=request.get("basis", ""),
            )
            home.audit.record(
                events.PurposeStated(
                    user_id=user.user_id,
                    agency=user.agency,
                    purpose=request["purpose"],
                    reference=str(user.reference),
                    legal_basis=user.legal_basis,
                ),
                now,
            )
            session.commit()
        try:
            return user, viewer_for(session, user, now, role)
        except PurposeNeeded as error:
            words = "say why you are looking: --purpose WHY --reference NUMBER"
            raise UnstatedError(words) from error


def _user(home: Home, request: Request, now: dt.datetime) -> SignedInUser:
    with home.register.session() as session:
        user = resume(session, request["token"], now)
        session.commit()
    if user is None:
        raise SessionEnded
    return user


def _consider(home: Home, request: Request) -> Any:
    user = _user(home, request, home.clock())
    desk = RequestDesk(home)
    return to_plain(desk.consider(user, request["request_id"], request["subject_id"]))


def _tell(home: Home, request: Request) -> Any:
    user = _user(home, request, home.clock())
    done = RequestDesk(home).approve(
        user,
        request["request_id"],
        subject_id=request["subject_id"],
        chosen={key: frozenset(names) for key, names in request["chosen"].items()},
        seen=request["seen"],
        words=request["words"],
        days=request["days"],
        restricted=request["restricted"],
    )
    return to_plain(done)


def _read_answer(home: Home, request: Request) -> Any:
    user = _user(home, request, home.clock())
    return to_plain(RequestDesk(home).read(user, request["request_id"]))


def _why(home: Home, request: Request) -> Any:
    user = _user(home, request, home.clock())
    asked = {name: request[name] for name in ("purpose", "username", "agency", "role")}
    return to_plain(why(home, user, request["subject_id"], **asked))


def _ping(_home: Home, _request: Request) -> Any:
    return True


VERBS = {
    "ping": Verb(None, _ping),
    "check": Verb(Permission.CHECK_ADDRESS, _check),
    "person": Verb(Permission.VIEW_PERSON, _person),
    "project": Verb(Permission.PROJECT, _project),
    "carry_out": Verb(Permission.SET_RETENTION, _carry_out),
    "subject_erase": Verb(Permission.HANDLE_RIGHTS, _subject_erase),
    "subject_restrict": Verb(Permission.RESTRICT_PERSON, _subject_restrict),
    "subject_resume": Verb(Permission.HANDLE_RIGHTS, _subject_resume),
    "request_consider": Verb(Permission.ANSWER_REQUEST, _consider),
    "request_tell": Verb(Permission.ANSWER_REQUEST, _tell),
    "request_read": Verb(Permission.ASK_AGENCY, _read_answer),
    "why": Verb(Permission.VIEW_AUDIT, _why),
}
