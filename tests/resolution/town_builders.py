"""A town of families known to two agencies, large enough to learn from, and what a day changes."""

from __future__ import annotations

import copy
import datetime as dt
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.snapshot import Snapshot
from tests.resolution.builders import (
    Row,
    contact,
    involves,
    lives,
    record,
    snapshot,
)
from tests.resolution.increment_builders import in_leaves

GIVEN = ["Ada", "Tom", "Mary", "Amir", "Zoe", "Lee", "Owen", "Ines"]
FAMILY = ["Shaw", "Reed", "Khan", "Price", "Obi", "Lunt"]
PEOPLE = 400
CHANGES = ["name", "birth", "died", "gone", "new", "copy", "moved", "number", "met"]


@dataclass
class Town:
    """Rows of every table that may change."""

    records: list[Row]
    stays: list[Row]
    contacts: list[Row]
    meetings: list[Row]

    def snapshot(self, folder: Path) -> Snapshot:
        made = snapshot(folder / "s", self.records, self.stays, self.contacts, [], self.meetings)
        return in_leaves(made, folder / "leaves")


def nhs_number(number: int) -> str | None:
    digits = f"999{number:06d}"
    check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return None if check == 10 else digits + str(0 if check == 11 else check)


def town(seed: int) -> Town:
    """Families known to two agencies; some moved, some are namesakes of their parents."""
    chance = random.Random(seed)
    made = Town([], [], [], [])
    for number in range(PEOPLE):
        family = FAMILY[number // 4 % len(FAMILY)]
        home = f"{number // 4 + 1} {chance.choice(['Alder', 'Birch'])} Road"
        whole: dict[str, Any] = {
            "given_name": chance.choice(GIVEN),
            "family_name": family,
            "birth_date": f"{chance.choice([1950, 1975, 2012])}-0{chance.randint(1, 9)}"
            f"-{chance.randint(10, 28)}",
            "sex": chance.choice(["male", "female"]),
            "phone": f"01632 96{number // 4:04}" if chance.random() < 0.3 else None,
        }
        known = nhs_number(number) if chance.random() < 0.6 else None
        for source in ("children/lcs", "nhs/pds"):
            fields = {**whole, "nhs_number": known}
            if source == "nhs/pds" and chance.random() < 0.3:
                fields["given_name"] = whole["given_name"][:-1] + "x"
            if chance.random() < 0.15:
                fields["birth_date"] = None
            row = record(f"{number}", source, **fields)
            made.records.append(row)
            moved = source == "nhs/pds" and number // 4 % 5 == 0
            line = f"{number // 4 + 1} Cedar Street" if moved else home
            if chance.random() < 0.9:
                made.stays.append(lives(row, line, "WS1 1AA"))
    for number in range(0, PEOPLE, 8):
        visit = contact(f"c{number}", f"{number // 4 + 1} Cedar Street", "WS1 1AA")
        made.contacts.append(visit)
        made.meetings += [involves(visit, row) for row in made.records[2 * number : 2 * number + 3]]
    return made


def a_day_later(chance: random.Random, old: Town) -> Town:
    """A few rows change, come or go."""
    new = copy.deepcopy(old)
    for _ in range(chance.randint(1, 8)):
        row = chance.choice(new.records)
        what = chance.choice(
            ["name", "birth", "died", "gone", "new", "copy", "moved", "number", "met"]
        )
        if what == "name":
            row["given_name"] = chance.choice(GIVEN)
        elif what == "birth":
            row["birth_date"] = chance.choice(["1950-01-11", "2012-05-20", "1975", None])
        elif what == "died":
            row["death_date"] = chance.choice(["1960-05-05", "2020-01"])
        elif what == "number":
            row["nhs_number"] = nhs_number(chance.randrange(PEOPLE))
        elif what == "gone":
            new.records.remove(row)
            for rows in (new.stays, new.meetings):
                rows[:] = [each for each in rows if each["record_id"] != row["record_id"]]
        elif what in ("new", "copy"):
            names = ("given_name", "family_name", "birth_date", "sex")
            like = (
                {name: row[name] for name in names}
                if what == "copy"
                else {"given_name": chance.choice(GIVEN), "family_name": chance.choice(FAMILY)}
            )
            late = record(f"late{chance.getrandbits(40)}", "nhs/pds", **like)
            new.records.append(late)
            new.stays.append(lives(late, f"{chance.randint(1, 40)} Alder Road", "WS1 1AA"))
        elif what == "moved" and new.stays:
            stay = chance.choice(new.stays)
            stay["address_line"] = f"{chance.randint(1, 40)} Alder Road"
            stay["to_date"] = chance.choice([None, dt.date(2026, 5, 1)])
        elif what == "met":
            new.meetings.append(involves(chance.choice(new.contacts), row))
    new.meetings = list(
        {str(sorted(each.items(), key=str)): each for each in new.meetings}.values()
    )
    return new
