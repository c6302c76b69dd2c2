"""What tests of labelling do to a home: ask, answer, run again, erase, break the audit."""

from __future__ import annotations

import dataclasses

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from governance import judgements, labels
from governance.errors import AuditError
from governance.labels import Lease
from governance.sessions import SignedInUser
from kith.labelling import LabelDesk, Question
from resolution.questions import write_pool
from tests.kith.labelling_builders import LabelHome


def ask(desk: LabelDesk, label_home: LabelHome, user: SignedInUser | None = None) -> Question:
    question = desk.next(label_home.viewer(user), user or label_home.user)
    assert question is not None
    return question


def lease_of(label_home: LabelHome, user: SignedInUser | None = None) -> Lease:
    with label_home.home.register.session() as session:
        held = labels.held(session, (user or label_home.user).user_id, label_home.home.clock())
    assert held is not None
    return held


def answer(
    desk: LabelDesk, label_home: LabelHome, user: SignedInUser | None = None, verdict: str = ""
) -> Lease:
    """Ask and answer, with the truth unless another verdict is given."""
    who = user or label_home.user
    question = ask(desk, label_home, who)
    lease = lease_of(label_home, who)
    told = verdict or label_home.verdict(lease.pair)
    desk.answer(label_home.viewer(who), who, question.question_id, told)
    return lease


def verdicts(label_home: LabelHome) -> list[str]:
    with label_home.home.register.session() as session:
        return [entry.verdict for entry in judgements.history(session)]


def second_run(label_home: LabelHome, keep: int = 3) -> None:
    """A later run over the same records, with the first few questions only."""
    home, pool = label_home.home, label_home.pools["records"]
    run = home.folder / "resolved" / "x_secondrun"
    current = home.folder / "resolved" / "current.json"
    text = current.read_text(encoding="utf-8")
    (run / "questions").mkdir(parents=True)
    old = run.with_name("x_firstrun")
    (run / "link.parquet").write_bytes((old / "link.parquet").read_bytes())
    cut = {
        entry.name: getattr(pool, entry.name)[:keep]
        for entry in dataclasses.fields(pool)
        if entry.name not in {"form", "names", "directions"}
    }
    write_pool(run / "questions", "records", dataclasses.replace(pool, **cut))
    current.write_text(text.replace("x_firstrun", "x_secondrun"), encoding="utf-8")


def erase(label_home: LabelHome, record_id: str) -> None:
    """Take a record out of the snapshot, as an erasure does."""
    [folder] = (label_home.home.folder / "snapshots").iterdir()
    for name in ("record", "residence"):
        file = folder / f"{name}.parquet"
        rows = pq.read_table(file)
        pq.write_table(rows.filter(pc.field("record_id") != record_id), file)


class Deaf:
    """An audit that cannot write some kinds of event."""

    def __init__(self, audit: object, *kinds: str) -> None:
        self._audit, self._kinds = audit, kinds

    def record(self, event: object, *rest: object) -> object:
        if getattr(event, "kind", "") in self._kinds:
            raise AuditError("The audit cannot be written; nothing is shown without it.")
        return self._audit.record(event, *rest)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._audit, name)


def deafen(label_home: LabelHome, monkeypatch: pytest.MonkeyPatch, *kinds: str) -> None:
    monkeypatch.setattr(label_home.home, "audit", Deaf(label_home.home.audit, *kinds))
