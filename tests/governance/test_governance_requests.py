"""Work requests: who may ask, who may answer, and that no more is told than was approved."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from governance import accounts, requests
from governance.approvers import approvers, end_approver, forget_worker, name_approver, name_worker
from governance.errors import NotPermitted, RegistrationError
from governance.notices import own_notices, own_unseen, see_own
from governance.policy import AgreementTerms, add_agreement
from governance.request_answers import (
    FIELDS,
    ToldFact,
    answer_of,
    answer_viewer,
    approve,
    approver_viewer,
    revoke,
)
from governance.requests import NoSuchRequest, Question, RequestError
from governance.sessions import SignedInUser
from governance.viewer import Grant, Level
from tests.governance.builders import NOW, later, make_user, signed_in

QUESTION = Question(
    giving_agency="housing",
    question="latest",
    category="noise",
    words="Ann Other, born in 1980, of 3 Oak Way",
    legal_basis="public_task",
    urgency="today",
)
FACT = ToldFact(
    fact_id="c_aaaa",
    what="contact",
    share_key="housing|nec|noise",
    via="r_aaaa",
    via_key="housing|nec|person",
    fields=frozenset({"category", "on_date"}),
    restricted=False,
    seal="s",
)


def person(session: Session, name: str, agency: str, role: str = "practitioner") -> SignedInUser:
    """Somebody with an account, at work."""
    user = make_user(session, name, (role,), agency)
    return signed_in(user_id=user.user_id, username=name, agency=agency, roles=frozenset({role}))


@pytest.fixture
def asker(session: Session) -> SignedInUser:
    return person(session, "asker", "police")


@pytest.fixture
def approver(session: Session) -> SignedInUser:
    found = person(session, "approver", "housing")
    name_approver(session, found.user_id, "u_officer", NOW)
    return found


@pytest.fixture
def request_id(session: Session, asker: SignedInUser, approver: SignedInUser) -> str:
    return requests.ask(session, asker, QUESTION, NOW).request_id


def tell(session: Session, approver: SignedInUser, request_id: str, *facts: ToldFact) -> None:
    approve(session, approver, request_id, facts=facts, words="Ring us.", days=7, now=NOW)


def test_the_approver_is_told_and_then_the_asker(
    session: Session, asker: SignedInUser, approver: SignedInUser, request_id: str
) -> None:
    (notice,) = own_notices(session, approver.user_id)
    assert (notice.subject_id, notice.agency, notice.purpose) == (request_id, "police", "visit")
    assert [each.request_id for each in requests.to_answer(session, approver)] == [request_id]
    tell(session, approver, request_id, FACT)
    (notice,) = own_notices(session, asker.user_id)
    assert (notice.subject_id, notice.agency) == (request_id, "housing")
    see_own(session, asker.user_id, notice.notice_id, NOW)
    assert own_unseen(session, asker.user_id) == 0
    with pytest.raises(Exception, match="no such notice"):
        see_own(session, approver.user_id, notice.notice_id, NOW)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"giving_agency": "police"}, "your colleagues"),
        ({"giving_agency": "nobody"}, "agency of the area"),
        ({"question": "everything"}, "what you ask"),
        ({"legal_basis": "none"}, "legal basis"),
        ({"urgency": "soon"}, "by when"),
        ({"words": "Ann"}, "who is meant"),
        ({"words": "x" * 1001}, "who is meant"),
        ({"category": None}, "kind of involvement"),
        ({"category": "person"}, "kind of involvement"),
        ({"question": "chronology"}, "two days"),
        ({"subject_id": "Ann Other"}, "by its id"),
    ],
)
def test_a_question_that_does_not_hold_is_refused(
    session: Session,
    asker: SignedInUser,
    approver: SignedInUser,
    changes: dict[str, Any],
    words: str,
) -> None:
    with pytest.raises(RequestError, match=words):
        requests.ask(session, asker, dataclasses.replace(QUESTION, **changes), NOW)
    assert requests.asked_by(session, asker.user_id) == []


def test_who_has_no_purpose_or_sees_nobody_asks_nothing(
    session: Session, asker: SignedInUser, approver: SignedInUser
) -> None:
    for changes in (
        {"purpose": None},
        {"purpose": "emergency"},
        {"roles": frozenset({"administrator"})},
    ):
        with pytest.raises(RequestError):
            requests.ask(session, dataclasses.replace(asker, **changes), QUESTION, NOW)


def test_an_agency_that_has_named_nobody_is_to_be_rung(
    session: Session, asker: SignedInUser
) -> None:
    with pytest.raises(RequestError, match="Ring them"):
        requests.ask(session, asker, QUESTION, NOW)


def test_an_approver_is_of_the_agency_named_by_another_and_in_force(session: Session) -> None:
    user = person(session, "pat", "housing")
    clerk = person(session, "clerk", "housing", "data_manager")
    with pytest.raises(RegistrationError, match="Somebody else"):
        name_approver(session, user.user_id, user.user_id, NOW)
    with pytest.raises(RegistrationError):
        name_approver(session, clerk.user_id, "u_officer", NOW)
    name_approver(session, user.user_id, "u_officer", NOW)
    with pytest.raises(RegistrationError, match="already"):
        name_approver(session, user.user_id, "u_officer", NOW)
    assert [each.username for each in approvers(session, "housing")] == ["pat"]
    accounts.disable_user(session, user.user_id, NOW)
    assert approvers(session, "housing") == []
    end_approver(session, user.user_id, "u_officer", NOW)
    with pytest.raises(RegistrationError, match="not named"):
        end_approver(session, user.user_id, "u_officer", NOW)


def test_nobody_but_an_approver_of_the_agency_answers(
    session: Session, asker: SignedInUser, approver: SignedInUser, request_id: str
) -> None:
    colleague = person(session, "colleague", "housing")
    stranger = person(session, "stranger", "police")
    name_approver(session, stranger.user_id, "u_officer", NOW)
    own = person(session, "own", "housing")
    name_approver(session, own.user_id, "u_officer", NOW)
    moved = dataclasses.replace(asker, agency="housing")  # the asker, were they an approver
    name_approver(session, asker.user_id, "u_officer", NOW)
    for user in (asker, colleague, stranger, moved):
        for act in (
            lambda u: tell(session, u, request_id, FACT),
            lambda u: requests.refuse(session, u, request_id, "basis", NOW),
            lambda u: requests.tell_nothing(session, u, request_id, NOW),
            lambda u: requests.ask_back(session, u, request_id, "Which?", NOW),
            lambda u: approver_viewer(session, u, request_id, NOW),
        ):
            with pytest.raises(NoSuchRequest):
                act(user)
    end_approver(session, approver.user_id, "u_officer", NOW)
    with pytest.raises(NoSuchRequest):
        tell(session, approver, request_id, FACT)
    tell(session, own, request_id, FACT)


def test_an_approver_looks_for_the_request_at_their_own_agency_alone(
    session: Session, approver: SignedInUser, request_id: str
) -> None:
    for giver in ("housing", "police"):
        terms = AgreementTerms(
            giving_agency=giver, receiving_agency="housing", level=Level.DETAIL, starts=NOW.date()
        )
        add_agreement(session, terms, NOW)
    idle = dataclasses.replace(approver, purpose=None, reference=None, purpose_until=None)
    _, viewer = approver_viewer(session, idle, request_id, NOW)
    assert (viewer.purpose, viewer.reference) == ("visit", "REF 24-1182")
    assert {key.split("|")[0] for key in viewer.grants} == {"housing"}


def test_the_answer_is_the_askers_alone_until_it_ends(
    session: Session, asker: SignedInUser, approver: SignedInUser, request_id: str
) -> None:
    with pytest.raises(NoSuchRequest):
        answer_of(session, asker, request_id, NOW)
    tell(session, approver, request_id, FACT)
    found, facts = answer_of(session, asker, request_id, later(days=6))
    assert (found.answer, facts) == ("Ring us.", [FACT])
    colleague = person(session, "colleague", "police")
    moved = dataclasses.replace(asker, agency="housing")
    for user in (colleague, approver, moved):
        with pytest.raises(NoSuchRequest):
            answer_of(session, user, request_id, NOW)
    idle = dataclasses.replace(asker, roles=frozenset({"data_manager"}))
    with pytest.raises(NotPermitted):
        answer_of(session, idle, request_id, NOW)
    with pytest.raises(NoSuchRequest):
        answer_of(session, asker, request_id, later(days=7))
    assert requests.own_request(session, asker, request_id).stands(later(days=7)) == "expired"


def test_an_answer_is_taken_back_at_once(
    session: Session, asker: SignedInUser, approver: SignedInUser, request_id: str
) -> None:
    with pytest.raises(RequestError):
        revoke(session, approver, request_id, NOW)
    tell(session, approver, request_id, FACT)
    with pytest.raises(NoSuchRequest):
        revoke(session, asker, request_id, NOW)
    revoke(session, approver, request_id, NOW)
    with pytest.raises(NoSuchRequest):
        answer_of(session, asker, request_id, NOW)
    assert requests.own_request(session, asker, request_id).stands(NOW) == "revoked"


def test_asked_back_replied_and_withdrawn(
    session: Session, asker: SignedInUser, approver: SignedInUser, request_id: str
) -> None:
    with pytest.raises(RequestError):
        requests.reply(session, asker, request_id, "Before you ask", NOW)
    requests.ask_back(session, approver, request_id, "Why since 2010?", NOW)
    assert requests.own_request(session, asker, request_id).state == "asked_back"
    with pytest.raises(NoSuchRequest):
        requests.reply(session, approver, request_id, "I may not", NOW)
    with pytest.raises(RequestError):
        requests.reply(session, asker, request_id, "  ", NOW)
    requests.reply(session, asker, request_id, "2020 will do.", NOW)
    said = [message.words for message in requests.messages(session, request_id)]
    assert said == ["Why since 2010?", "2020 will do."]
    requests.withdraw(session, asker, request_id)
    with pytest.raises(RequestError, match="dealt with"):
        tell(session, approver, request_id, FACT)


def test_of_two_approvers_one_decides(
    session: Session, approver: SignedInUser, request_id: str
) -> None:
    requests.refuse(session, approver, request_id, "too_wide", NOW)
    for again in ("basis", "too_wide"):
        with pytest.raises(RequestError, match="dealt with"):
            requests.refuse(session, approver, request_id, again, NOW)
    with pytest.raises(RequestError, match="from the list"):
        requests.refuse(session, approver, request_id, "they are in witness protection", NOW)


def test_what_is_not_told_looks_alike_whoever_is_meant(
    session: Session, asker: SignedInUser, approver: SignedInUser
) -> None:
    """A hidden person and one who does not exist: the same states, words, rows and notices."""
    seen = []
    for subject in ("p_hidden", "p_nobody"):
        asked = dataclasses.replace(QUESTION, subject_id=subject)
        made = requests.ask(session, asker, asked, NOW)
        requests.tell_nothing(session, approver, made.request_id, NOW)
        found = requests.own_request(session, asker, made.request_id)
        with pytest.raises(NoSuchRequest) as error:
            answer_of(session, asker, made.request_id, NOW)
        stood = dataclasses.replace(
            found, request_id="q", asked=dataclasses.replace(found.asked, subject_id=None)
        )
        seen.append((stood, stood.stands(NOW), str(error.value)))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"share_key": "police|niche|noise"},
        {"via_key": "police|niche|person"},
        {"fields": frozenset({"source_key"})},
        {"fields": frozenset()},
        {"what": "stay"},
        {"fact_id": "Ann Other"},
    ],
)
def test_only_the_agencys_own_facts_and_fields_are_told(
    session: Session,
    asker: SignedInUser,
    approver: SignedInUser,
    request_id: str,
    changes: dict[str, Any],
) -> None:
    with pytest.raises(RequestError, match="itself holds"):
        tell(session, approver, request_id, dataclasses.replace(FACT, **changes))
    assert requests.own_request(session, asker, request_id).state == "waiting"
    with pytest.raises(RequestError, match="Choose what"):
        approve(session, approver, request_id, facts=[], words=" ", days=7, now=NOW)
    with pytest.raises(RequestError):
        approve(session, approver, request_id, facts=[FACT], words="", days=3650, now=NOW)


_KEYS = ("housing|nec|noise", "housing|nec|person", "housing|nec|warning")
_facts = st.builds(
    lambda what, key, fields, restricted: ToldFact(
        fact_id="c_a",
        what=what,
        share_key=key,
        via="r_a",
        via_key="housing|nec|person",
        fields=frozenset(fields) & set(FIELDS[what]) or frozenset(FIELDS[what][:1]),
        restricted=restricted,
        seal="",
    ),
    st.sampled_from(sorted(FIELDS)),
    st.sampled_from(_KEYS),
    st.sets(st.sampled_from(sorted({name for names in FIELDS.values() for name in names}))),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(facts=st.lists(_facts, max_size=6))
def test_the_grants_of_an_answer_cover_what_was_approved_and_no_more(
    facts: list[ToldFact],
) -> None:
    request = requests.WorkRequest(
        request_id="q_a",
        user_id="u_aaaa",
        agency="police",
        role="practitioner",
        asked=QUESTION,
        purpose="crime",
        reference="24-1",
        asked_at=NOW,
        state="told",
    )
    viewer = answer_viewer(signed_in(), request, facts, NOW)
    assert (viewer.purpose, viewer.reference) == ("crime", "24-1")
    every = {name for names in FIELDS.values() for name in names}
    for key, grant in viewer.grants.items():
        approved = {name for fact in facts if fact.share_key == key for name in fact.fields}
        shown = every - grant.withheld if grant.level > Level.EXISTENCE else set()
        assert shown == approved
        assert not grant.restricted_allowed or all(fact.restricted for fact in facts)
    named = {fact.share_key for fact in facts} | {fact.via_key for fact in facts}
    assert set(viewer.grants) == named


def test_without_facts_there_are_no_grants() -> None:
    request = requests.WorkRequest(
        request_id="q_a",
        user_id="u_aaaa",
        agency="police",
        role="practitioner",
        asked=QUESTION,
        purpose="crime",
        reference="24-1",
        asked_at=NOW,
        state="told",
    )
    assert answer_viewer(signed_in(), request, [], NOW).grants == {}
    only = answer_viewer(signed_in(), request, [FACT], NOW).grants
    assert only["housing|nec|person"] == Grant(level=Level.EXISTENCE)


def test_a_workers_name_is_one_users(session: Session) -> None:
    first, second = (person(session, name, "housing") for name in ("pat", "sam"))
    name_worker(session, first.user_id, "HALE,  Jo", "u_officer", NOW)
    name_worker(session, first.user_id, "Hale Jo", "u_officer", NOW)
    with pytest.raises(RegistrationError, match="another"):
        name_worker(session, second.user_id, "hale jo", "u_officer", NOW)
    with pytest.raises(RegistrationError):
        name_worker(session, second.user_id, " ,. ", "u_officer", NOW)
    forget_worker(session, "housing", "Jo Hale")
    with pytest.raises(RegistrationError, match="another"):
        name_worker(session, second.user_id, "hale jo", "u_officer", NOW)
    forget_worker(session, "housing", "HALE JO")
    name_worker(session, second.user_id, "hale jo", "u_officer", NOW)


def test_a_day_counts_from_the_answer(
    session: Session, asker: SignedInUser, approver: SignedInUser, request_id: str
) -> None:
    found = approve(
        session, approver, request_id, facts=[FACT], words="", days=1, now=later(hours=5)
    )
    assert found.expires_at == later(hours=29)
    assert found.readable(later(hours=28))
    assert not found.readable(later(hours=29))
    assert isinstance(found.decided_at, dt.datetime)
