"""What happens to households, half a year at a time: set-wise, so a county takes seconds.

Invariant: nobody moves, marries or has a child after dying, and nothing lies after the last day.
"""

from __future__ import annotations

import numpy as np

from areas.maker.columns import NEVER, Ints, stack
from areas.maker.lives import HALF, START, Lives, bear, couple
from areas.maker.places import NO_FIXED_ABODE, OUTSIDE
from areas.maker.settle import settle


def simulate(lives: Lives, people: int, until: int) -> None:
    """Fill an area and let it live to `until`."""
    settle(lives, people)
    steps = (_deaths, _births, _partings, _pairings, _weddings, _leave_home, _elders, _moves)
    for start in range(START, until - 30, HALF):
        for step in steps:
            step(lives, start)
    alive = np.flatnonzero(lives["death"] >= NEVER)
    lives.close(alive, np.full(len(alive), NEVER))
    _cut(lives, until)


def _cut(lives: Lives, until: int) -> None:
    """Nothing happens after the last day: what was drawn for later has not happened yet."""
    stays = stack(lives.stays)
    keep = (stays["start"] < until) & (stays["end"] > stays["start"])
    stays = {key: values[keep] for key, values in stays.items()}
    stays["end"] = np.where(stays["end"] > until, NEVER, stays["end"])
    lives.stays = [stays]
    lives.people["death"][lives.people["death"] > until] = NEVER


def _deaths(lives: Lives, start: int) -> None:
    age = lives.age(start)
    hazard = 0.5 * np.exp(-9.9 + 0.089 * age.clip(0))
    dying = np.flatnonzero(lives.alive(start) & (lives.rng.random(lives.count) < hazard))
    on = np.maximum(lives.days(start, len(dying)), lives["since"][dying] + 1)
    lives.close(dying, on)
    lives["death"][dying] = on
    widowed = lives["partner"][dying]
    lives["partner"][widowed[widowed >= 0]] = -1
    lives["partner"][dying] = -1
    lives.release(lives["house"][dying])


def _births(lives: Lives, start: int) -> None:
    age = lives.age(start)
    partner = lives["partner"] >= 0
    rate = np.where(partner, 0.088, 0.02) * np.exp(-(((age - 29) / 6.5) ** 2))
    able = lives.alive(start) & lives["female"] & (age > 17) & (age < 44)
    mothers = np.flatnonzero(able & (lives.rng.random(lives.count) < rate))
    bear(lives, mothers, lives.days(start, len(mothers)))


def _partings(lives: Lives, start: int) -> None:
    rng = lives.rng
    men = ~lives["female"] & (lives["partner"] >= 0) & lives.alive(start)
    rate = 0.011 * np.where(lives["married"], 0.7, 1.6) * (lives.age(start) < 65)
    leaving = np.flatnonzero(men & (rng.random(lives.count) < rate))
    other = lives["partner"][leaving]
    lives["partner"][leaving] = lives["partner"][other] = -1
    lives["married"][leaving] = lives["married"][other] = False
    on = lives.days(start, len(leaving))
    goes = np.where(rng.random(len(leaving)) < 0.8, leaving, other)
    lives.partings.append(
        {"person": leaving, "other": other, "day": on, "house": lives["house"][other].copy()}
    )
    _new_home(lives, goes, on, hostel=0.09, street=0.05)


def _new_home(lives: Lives, people: Ints, on: Ints, *, hostel: float, street: float) -> None:
    """Each of these people sets up alone: in a dwelling, a hostel or nowhere."""
    rng = lives.rng
    draw = rng.random(len(people))
    dwellings = np.full(len(people), NO_FIXED_ABODE)
    hostels = (draw >= street) & (draw < street + hostel)
    dwellings[hostels] = rng.choice(lives.places.hostels, hostels.sum())
    ordinary = draw >= street + hostel
    dwellings[ordinary] = lives.find_dwellings(int(ordinary.sum()))
    lives.move(people, lives.new_houses(dwellings), np.maximum(on, lives["since"][people] + 1))


def _pairings(lives: Lives, start: int) -> None:
    rng = lives.rng
    age = lives.age(start)
    single = lives.alive(start) & (lives["partner"] < 0) & (age > 19) & (age < 66)
    single &= rng.random(lives.count) < 0.045
    women = np.flatnonzero(single & lives["female"])
    men = np.flatnonzero(single & ~lives["female"])
    women = women[np.argsort(lives["birth"][women] + rng.normal(0, 900, len(women)))]
    men = men[np.argsort(lives["birth"][men] + rng.normal(0, 900, len(men)))]
    count = min(len(women), len(men))
    women, men = np.sort(rng.permutation(len(women))[:count]), men[:count]
    women = np.flatnonzero(single & lives["female"])[women]
    apart = lives["house"][women] != lives["house"][men]
    women, men = women[apart], men[apart]
    couple(lives, men, women, np.zeros(len(men), dtype=bool))
    parent = age < 24
    to_her = rng.random(len(men)) < 0.6
    both_young = parent[men] & parent[women]
    on = lives.days(start, len(men))
    moving = np.where(to_her, men, women)
    hosts = np.where(to_her, women, men)
    on = np.maximum(on, np.maximum(lives["since"][moving], lives["since"][hosts]) + 1)
    plain = np.flatnonzero(~both_young)
    lives.move(moving[plain], lives["house"][hosts[plain]], on[plain])
    young = np.flatnonzero(both_young)
    houses = lives.new_houses(lives.find_dwellings(len(young)))
    lives.move(men[young], houses, on[young])
    lives.move(women[young], houses, on[young])


def _weddings(lives: Lives, start: int) -> None:
    rng = lives.rng
    couples = ~lives["female"] & (lives["partner"] >= 0) & ~lives["married"] & lives.alive(start)
    men = np.flatnonzero(couples & (rng.random(lives.count) < 0.05))
    women = lives["partner"][men]
    lives["married"][men] = lives["married"][women] = True
    lives.weddings.append({"man": men, "woman": women, "day": lives.days(start, len(men))})


def _leave_home(lives: Lives, start: int) -> None:
    rng = lives.rng
    age = lives.age(start)
    child = (lives["mother"] >= 0) | (lives["father"] >= 0)
    with_parent = np.zeros(lives.count, dtype=bool)
    for side in ("mother", "father"):
        known = np.flatnonzero(lives[side] >= 0)
        same = lives["house"][known] == lives["house"][lives[side][known]]
        with_parent[known[same]] = True
    ready = child & with_parent & lives.alive(start) & (age > 17.8) & (age < 35)
    leaving = np.flatnonzero(ready & (rng.random(lives.count) < 0.06))
    on = lives.days(start, len(leaving))
    lodge = rng.random(len(leaving)) < 0.35
    _new_home(lives, leaving[~lodge], on[~lodge], hostel=0.12, street=0.03)
    lodgers = leaving[lodge]
    hosts = np.flatnonzero(lives.alive(start) & (age > 24) & (lives["partner"] < 0))
    if len(hosts) and len(lodgers):
        host = rng.choice(hosts, len(lodgers))
        when = np.maximum(on[lodge], np.maximum(lives["since"][lodgers], lives["since"][host]) + 1)
        lives["lodger"][lodgers] = True
        lives.move(lodgers, lives["house"][host], when)


def _elders(lives: Lives, start: int) -> None:
    """Old people who move to a child or into a home."""
    rng = lives.rng
    old = lives.alive(start) & (lives.age(start) > 78) & (lives["partner"] < 0)
    going = np.flatnonzero(old & (rng.random(lives.count) < 0.03))
    on = np.maximum(lives.days(start, len(going)), lives["since"][going] + 1)
    child_of: dict[int, int] = {}
    for side in ("mother", "father"):
        known = np.flatnonzero(lives[side] >= 0)
        child_of |= dict(zip(lives[side][known].tolist(), known.tolist(), strict=True))
    child = np.array([child_of.get(person, -1) for person in going.tolist()], dtype=np.int64)
    family = (child >= 0) & lives.alive(start)[child]
    host = child[family]
    lives.move(going[family], lives["house"][host], np.maximum(on, 0)[family])
    rest = np.flatnonzero(~family)
    homes = lives.new_houses(rng.choice(lives.places.homes, len(rest)))
    lives.move(going[rest], homes, on[rest])


def _moves(lives: Lives, start: int) -> None:
    """Whole households move; some leave the area."""
    rng = lives.rng
    alive = np.flatnonzero(lives.alive(start))
    houses = np.unique(lives["house"][alive])
    kind = lives.places.kind[lives.dwelling[houses]]
    # The renting half moves often, the owning half hardly; a household keeps its nature.
    restless = (houses * 2654435761 % 97) < 45
    rate = np.where(restless, 0.062, 0.012)
    rate = np.where(np.isin(kind, ("hostel", "no_fixed_abode")), 0.12, rate)
    rate = np.where(kind == "institution", 0.0, rate)
    moving = houses[rng.random(len(houses)) < rate]
    dwellings = lives.find_dwellings(len(moving))
    dwellings[rng.random(len(moving)) < 0.05] = OUTSIDE
    fresh = lives.new_houses(dwellings)
    on_house = lives.days(start, len(moving))
    who = alive[np.isin(lives["house"][alive], moving)]
    slot = np.searchsorted(moving, lives["house"][who])
    on = np.maximum(on_house[slot], lives["since"][who] + 1)
    lives.move(who, fresh[slot], on)
