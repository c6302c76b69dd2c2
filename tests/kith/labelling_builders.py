"""A home whose last run left questions: invented people, three records of each, and their truth."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from governance import accounts
from governance.permissions import Role
from governance.policy import viewer_for
from governance.sessions import SignedInUser
from governance.viewer import Viewer
from kith.home import Home
from kith.settings import Settings
from records.keys import share_key
from records.schema import TABLES, arrow_schema
from resolution.questions import Pool, write_pool

PASSWORD = "kestrel-harbour-42"
SOURCES = (("police", "niche"), ("nhs", "pds"), ("housing", "northgate"))
RUN = "x_firstrun"
NAMES = ("given", "family", "birth", "nhs", "place")
_GIVEN = ("Mia", "Noah", "Zoë", "Omar", "Ida", "Łukasz", "Ann", "Bilal", "Cerys", "Dev")
_FAMILY = ("Carter", "Okafor", "Novák", "Singh", "O'Brien", "Ellis", "Khan", "Price")
Change = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(kw_only=True)
class LabelHome:
    """An open home with a steward, and who each record really is."""

    home: Home
    user: SignedInUser
    truth: dict[str, str]
    keys: dict[str, tuple[str, str, str]]
    pools: dict[str, Pool]
    at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    def viewer(self, user: SignedInUser | None = None) -> Viewer:
        with self.home.register.session() as session:
            return viewer_for(session, user or self.user, self.home.clock(), Role.STEWARD)

    def verdict(self, pair: tuple[str, str]) -> str:
        return "same" if self.truth[pair[0]] == self.truth[pair[1]] else "different"

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [row.payload for row in self.home.audit.rows(kind=kind)]

    def pass_time(self, **parts: float) -> None:
        """Let the home's clock go on."""
        self.at += dt.timedelta(**parts)
        self.home.clock = lambda: self.at  # type: ignore[method-assign]

    def write_truth(self, file: Path, **extra: str) -> Path:
        with file.open("w", newline="", encoding="utf-8") as stream:
            rows = csv.writer(stream)
            rows.writerow(("agency", "system", "source_key", "person"))
            rows.writerows((*self.keys[record], who) for record, who in self.truth.items())
        return file


def make_label_home(folder: Path, *, people: int = 24, change: Change | None = None) -> LabelHome:
    """Make it; `change` may alter each record before it is written."""
    home = Home.create(Settings(home=folder / "home"), "walsall")
    rows, stays, truth = _rows(home, people, change or (lambda row: row))
    keys = {row["record_id"]: (row["agency"], row["dataset"], row["source_key"]) for row in rows}
    write_run(home, RUN, rows, stays, truth)
    pools = {form: _pool(form, rows, truth) for form in ("records", "clusters")}
    for form, pool in pools.items():
        write_pool(home.folder / "resolved" / RUN / "questions", form, pool)
    user = add_steward(home, "stella")
    return LabelHome(home=home, user=user, truth=truth, keys=keys, pools=pools)


def add_steward(
    home: Home, name: str, agency: str = "children", roles: tuple[str, ...] = ("steward",)
) -> SignedInUser:
    """A steward, signed in and with a purpose stated."""
    now = home.clock()
    with home.register.session() as session:
        user = accounts.create_user(session, name, PASSWORD, agency, roles, now)
        session.commit()
    return SignedInUser(
        user_id=user.user_id,
        username=name,
        agency=agency,
        roles=frozenset(roles),
        session_id="s_aaaa",
        started_at=now,
        expires_at=now + dt.timedelta(hours=12),
        purpose="record_linkage",
        reference="DQ-1",
        purpose_until=now + dt.timedelta(hours=4),
    )


def write_run(
    home: Home, run_id: str, rows: list[dict[str, Any]], stays: list[dict[str, Any]],
    truth: dict[str, str],
) -> None:  # fmt: skip
    """A snapshot and a run that found everybody, as the current one."""
    snapshot_id = "a" * 32
    snapshot, run = home.folder / "snapshots" / snapshot_id, home.folder / "resolved" / run_id
    snapshot.mkdir(exist_ok=True)
    run.mkdir()
    held: dict[str, list[dict[str, Any]]] = {"record": rows, "residence": stays}
    for name, table in TABLES.items():
        made = pa.Table.from_pylist(held.get(name, []), schema=arrow_schema(table))
        pq.write_table(made, snapshot / f"{name}.parquet")
    links = {"record_id": list(truth), "person_id": [f"p_{who}" for who in truth.values()]}
    pq.write_table(pa.table(links), run / "link.parquet")
    current = {"run_id": run_id, "snapshot_id": snapshot_id, "basis": "", "counts": {}}
    (home.folder / "resolved" / "current.json").write_text(json.dumps(current), encoding="utf-8")


def _rows(
    home: Home, people: int, change: Change
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, str]]:
    draw = random.Random(7)
    rows: list[dict[str, Any]] = []
    stays: list[dict[str, Any]] = []
    truth: dict[str, str] = {}
    for number in range(people):
        born = dt.date(1950 + number % 60, 1 + number % 12, 1 + number % 28)
        for agency, dataset in SOURCES:
            key = f"{agency}-{number}"
            row: dict[str, Any] = {
                "record_id": home.keys.record_id(agency, dataset, key),
                "agency": agency,
                "dataset": dataset,
                "load_id": "l_aaaa",
                "file_line": number + 1,
                "share_key": share_key(agency, dataset, "person"),
                "source_key": key,
                "given_name": _GIVEN[number % len(_GIVEN)],
                "family_name": _FAMILY[number % len(_FAMILY)],
                "birth_date": born.isoformat() if draw.random() < 0.9 else f"{born.year}",
                "sex": "female" if number % 2 else "male",
                "nhs_number": nhs_number(number) if draw.random() < 0.6 else None,
                "phone": f"+44163296{number:04d}" if agency != "police" else None,
            }
            row = change(row)
            rows.append(row)
            truth[row["record_id"]] = str(number)
            stays.append(
                {
                    **{name: row[name] for name in ("record_id", "agency", "dataset", "load_id")},
                    "record_key": key,
                    "file_line": number + 1,
                    "address_line": f"{number + 1} Alder Road",
                    "postcode": "WS1 1AA",
                    "from_date": dt.date(2020, 1, 1),
                }
            )
    return rows, stays, truth


def nhs_number(number: int) -> str:
    """The n-th valid number of the test range."""
    found = -1
    for tail in range(1_000_000):
        digits = f"999{tail:06d}"
        check = 11 - sum((10 - n) * int(digit) for n, digit in enumerate(digits)) % 11
        found += check != 10
        if found == number and check != 10:
            return f"{digits}{check % 11}"
    raise ValueError(number)


def _pool(form: str, rows: list[dict[str, Any]], truth: dict[str, str]) -> Pool:
    """True pairs and three times as many that are not, with vectors that nearly tell them."""
    draw = np.random.default_rng(3 if form == "records" else 4)
    ids = [row["record_id"] for row in rows]
    sides = []
    for n in range(0, len(ids), 3):
        one, other = draw.permutation(3)[:2]
        sides.append((ids[n + int(one)], ids[n + int(other)]))
    others = draw.permutation(len(ids))
    for shift in (1, 2, 3):
        for n in range(0, len(ids), 3):
            record, other = ids[n + int(draw.integers(3))], ids[int(others[(n + shift) % len(ids)])]
            if truth[record] != truth[other]:
                sides.append((record, other))
    sides = list(dict.fromkeys(sides))
    same = np.array([truth[a] == truth[b] for a, b in sides])
    vectors = np.clip(draw.normal(np.where(same, 0.8, 0.3)[:, None], 0.2, (len(sides), 5)), 0, 1)
    clusters = form == "clusters"
    return Pool(
        form=form,
        record_a=[a for a, _ in sides],
        record_b=[b for _, b in sides],
        members_a=[_cluster(a, b, ids, truth) if clusters else [a] for a, b in sides],
        members_b=[[b] for _, b in sides],
        vectors=vectors.astype(np.float32),
        names=NAMES,
        directions=np.ones(5, np.int8),
        prior=(vectors.sum(axis=1) - 2.75) * 4,
        control=draw.random(len(sides)) < 0.3,
        weight=np.full(len(sides), 10.0),
    )


def _cluster(record: str, other: str, ids: list[str], truth: dict[str, str]) -> list[str]:
    """A record with those of its person that are not on the other side."""
    return [entry for entry in ids if truth[entry] == truth[record] and entry != other]
