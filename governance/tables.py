"""The register's tables.

Invariant: ledgers (loads, judgements, identity events, runs) are written once and never edited
or deleted here (leases of questions are no ledger); every instant is UTC; nothing in these
models is particular to one database.

Columns that name an actor (`loaded_by` ...) hold a user id or `system`, without a foreign key.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

SYSTEM = "system"
"""The actor of unattended work."""


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware instant, kept in UTC on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, _: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, _: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """All tables of the register; constraint names are fixed so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        str: String(80),
        dt.datetime: UtcDateTime(),
        dt.date: Date(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
    }


class AgencyRow(Base):
    """A partner of the area. `ring` is whom to ring, shown at the lowest level too."""

    __tablename__ = "agency"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str]
    ring: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)


class DatasetRow(Base):
    """A system of an agency, with what the law asks to be known about it."""

    __tablename__ = "dataset"

    agency: Mapped[str] = mapped_column(ForeignKey("agency.agency_id"), primary_key=True)
    dataset_id: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(200))
    controller: Mapped[str] = mapped_column(String(200))
    lawful_basis: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(200))
    retention_years: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class UserRow(Base):
    """A person who signs in. `failures` counts tries since the last success or lock."""

    __tablename__ = "app_user"  # `user` is a reserved word in PostgreSQL

    user_id: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    agency: Mapped[str] = mapped_column(ForeignKey("agency.agency_id"))
    password_hash: Mapped[str] = mapped_column(String(255))
    password_set_at: Mapped[dt.datetime]
    password_given: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # by another: to be replaced
    created_at: Mapped[dt.datetime]
    created_by: Mapped[str]
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]
    disabled_at: Mapped[dt.datetime | None]

    roles: Mapped[list[UserRoleRow]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="UserRoleRow.role"
    )


class UserRoleRow(Base):
    """A role of a user; in force once approved (see governance.permissions)."""

    __tablename__ = "user_role"

    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.user_id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    given_by: Mapped[str]
    given_at: Mapped[dt.datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[dt.datetime | None]


class TrustedDeviceRow(Base):
    """A device from which a user has signed in; only the SHA-256 of its token is here."""

    __tablename__ = "trusted_device"

    device_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.user_id"), index=True)
    made_at: Mapped[dt.datetime]
    until: Mapped[dt.datetime]
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]


class SecondFactorRow(Base):
    """The secret of a user's authenticator app, enciphered; in force once confirmed."""

    __tablename__ = "second_factor"

    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.user_id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(255))
    made_at: Mapped[dt.datetime]
    confirmed_at: Mapped[dt.datetime | None]
    last_step: Mapped[int]


class RecoveryCodeRow(Base):
    """A code for when the app is lost; it counts once."""

    __tablename__ = "recovery_code"

    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.user_id"), primary_key=True)
    code_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[dt.datetime | None]


class SignInDayRow(Base):
    """Tries to sign in on a day, known user or not: every try costs the same one write."""

    __tablename__ = "sign_in_day"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    tries: Mapped[int]


class SessionRow(Base):
    """A signed-in session: only the SHA-256 of its token is here."""

    __tablename__ = "user_session"

    session_id: Mapped[str] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.user_id"), index=True)
    started_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    idle_seconds: Mapped[int]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    waiting: Mapped[bool] = mapped_column(default=False)  # for the second factor: not signed in
    proven: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # waits for a password of one's own alone
    purpose_seconds: Mapped[int]
    purpose: Mapped[str | None]
    reference: Mapped[str | None]
    legal_basis: Mapped[str | None]
    purpose_until: Mapped[dt.datetime | None]


class EmergencyRow(Base):
    """Emergency access that somebody took; `words` is why, in their own."""

    __tablename__ = "emergency"

    emergency_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.user_id"), index=True)
    agency: Mapped[str]
    session_id: Mapped[str]
    reference: Mapped[str]
    words: Mapped[str] = mapped_column(Text)
    began_at: Mapped[dt.datetime]
    until: Mapped[dt.datetime]
    reviewed_by: Mapped[str | None]
    reviewed_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]


class NoticeRow(Base):
    """What governance officers must know at once."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "user_id", "at"),)

    notice_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[dt.datetime]
    user_id: Mapped[str]
    agency: Mapped[str]
    subject_id: Mapped[str]
    seen_by: Mapped[str | None]
    seen_at: Mapped[dt.datetime | None]


class AgreementRow(Base):
    """What one agency discloses to another. `*` stands for every one there is."""

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("level in (1, 2, 3)", name="level"),
        Index(None, "receiving_agency", "giving_agency"),
    )

    agreement_id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    giving_agency: Mapped[str] = mapped_column(ForeignKey("agency.agency_id"))
    dataset: Mapped[str]
    category: Mapped[str]
    withheld: Mapped[list[str]]
    receiving_agency: Mapped[str]
    role: Mapped[str]
    purpose: Mapped[str]
    level: Mapped[int]
    latest_only: Mapped[bool]
    since: Mapped[dt.date | None]
    window_months: Mapped[int | None]
    starts: Mapped[dt.date]
    expires: Mapped[dt.date | None]
    restricted_allowed: Mapped[bool]
    legal_basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str]
    proposed_at: Mapped[dt.datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_at: Mapped[dt.datetime | None]


class RestrictedRow(Base):
    """A person who must not be traced, by decision here rather than by a source's flag."""

    __tablename__ = "restricted_person"
    __table_args__ = (Index(None, "subject_id"),)

    restriction_id: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[str]
    reason: Mapped[str]
    restricted_by: Mapped[str]
    restricted_at: Mapped[dt.datetime]
    lifted_by: Mapped[str | None]
    lifted_at: Mapped[dt.datetime | None]


class LoadRow(Base):
    """One file that an agency sent. A load exists when its row does."""

    __tablename__ = "load"
    __table_args__ = (
        ForeignKeyConstraint(["agency", "dataset"], ["dataset.agency", "dataset.dataset_id"]),
        CheckConstraint("state in ('staged', 'refused')", name="state"),
        CheckConstraint("extract in ('full', 'delta')", name="extract"),
        Index(None, "agency", "dataset", "layout", "sha256"),
    )

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    load_id: Mapped[str] = mapped_column(unique=True)
    agency: Mapped[str]
    dataset: Mapped[str]
    layout: Mapped[str]
    mapping: Mapped[str] = mapped_column(String(200))
    mapping_version: Mapped[int]
    extract: Mapped[str]
    file_name: Mapped[str] = mapped_column(String(400))
    sha256: Mapped[str] = mapped_column(String(64))
    rows_in: Mapped[int]
    accepted: Mapped[int]
    rejected: Mapped[int]
    counts: Mapped[dict[str, Any]]
    state: Mapped[str]
    reason: Mapped[str | None] = mapped_column(Text)
    loaded_by: Mapped[str]
    loaded_on: Mapped[dt.datetime]


class JudgementRow(Base):
    """What a person decided about a pair of records; the last one on a pair holds.

    Of two clusters the pair is the one that stands for them; `question` says what was asked.
    """

    __tablename__ = "judgement"
    __table_args__ = (
        CheckConstraint("verdict in ('same', 'different', 'unsure', 'undone')", name="verdict"),
        CheckConstraint("record_a < record_b", name="ordered"),
        CheckConstraint("form in ('records', 'clusters')", name="form"),
        Index(None, "record_a", "record_b"),
        Index(None, "user_id"),
    )

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    record_a: Mapped[str]
    record_b: Mapped[str]
    verdict: Mapped[str]
    user_id: Mapped[str]
    at: Mapped[dt.datetime]
    form: Mapped[str]
    question: Mapped[dict[str, Any]]


class QuestionLeaseRow(Base):
    """A question that a steward has before them, nobody else's until `until`."""

    __tablename__ = "question_lease"
    __table_args__ = (
        CheckConstraint("record_a < record_b", name="ordered"),
        CheckConstraint("form in ('records', 'clusters')", name="form"),
        UniqueConstraint("record_a", "record_b"),
        Index(None, "user_id"),
    )

    question_id: Mapped[str] = mapped_column(primary_key=True)
    record_a: Mapped[str]
    record_b: Mapped[str]
    form: Mapped[str]
    question: Mapped[dict[str, Any]]
    user_id: Mapped[str]
    until: Mapped[dt.datetime]


class IdentityEventRow(Base):
    """A lasting id given, merged, split off or retired; replayed in order of sequence."""

    __tablename__ = "identity_event"
    __table_args__ = (
        CheckConstraint("kind in ('person', 'address')", name="kind"),
        CheckConstraint("action in ('assign', 'merge', 'split', 'retire')", name="action"),
        Index(None, "kind", "member_key"),
        Index(None, "identity_id"),
    )

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    action: Mapped[str]
    identity_id: Mapped[str]
    member_key: Mapped[str | None] = mapped_column(Text)
    other_id: Mapped[str | None]
    run_id: Mapped[str]
    at: Mapped[dt.datetime]


class RunRow(Base):
    """One resolution or projection, from start to end."""

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint("state in ('running', 'done', 'failed')", name="state"),
        Index(None, "kind", "state"),
    )

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    state: Mapped[str]
    snapshot_id: Mapped[str | None]
    parent_run_id: Mapped[str | None]
    started_by: Mapped[str]
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    counts: Mapped[dict[str, Any]]
    reason: Mapped[str | None] = mapped_column(Text)
