"""The person page, and the links around a person or an address."""

from __future__ import annotations

import dataclasses
import json

import pytest

from graph import EgoNetwork, EgoNode
from tests.webapp import answers
from tests.webapp.answers import EVIL
from tests.webapp.client import Page, Visitor
from tests.webapp.rooms import PageHome, ScriptedDesk


def drawing(page: Page) -> dict[str, list[dict[str, object]]]:
    (script,) = [node for node in page.all("script") if node.get("id") == "drawing"]
    return json.loads(str(script.text))  # type: ignore[no-any-return]


def test_identity_says_who_says_so_and_what_differs(officer: Visitor) -> None:
    text = officer.get("/people/p_dean").text
    assert "Name Dean Moss West Midlands Police; as of 3 Mar 2026 Differs Dene Moss" in text
    assert "Date of birth Mar 1985 West Midlands Police" in text
    assert "NHS number 999 000 0018" in text


def test_systems_that_know_nothing_say_so_in_words(officer: Visitor) -> None:
    text = officer.get("/people/p_dean").text
    assert "West Midlands Police, West Midlands Police system Yes, 2 records" in text
    assert "Health, Health system – no record that you may see –" in text


def test_why_records_are_one(officer: Visitor, desk: ScriptedDesk) -> None:
    text = officer.get("/people/p_dean").text
    assert "same NHS number and date of birth, decided by rule, on 2 Nov 2026" in text
    assert "probability 99%" in text
    desk.people["p_dean"] = dataclasses.replace(answers.dean(), why=answers.dean().why[:1])
    assert "You see one record of this person" in officer.get("/people/p_dean").text


def test_relationships_are_told_as_stated_or_worked_out(officer: Visitor) -> None:
    text = officer.get("/people/p_dean").text
    assert "Jay Carter, 6 Child · stated by Children's services" in text
    assert "Lived with them · worked out from addresses (West Midlands Police)" in text


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("", 3, 0),
        ("?agency=police", 2, 1),
        ("?category=rent_arrears", 1, 2),
        ("?years=2", 2, 1),
        ("?years=99&category=%3Cscript%3E", 3, 0),
        ("?agency=nobody", 0, 3),
    ],
)
def test_the_timeline_filters_and_says_what_it_hides(
    officer: Visitor, query: str, shown: int, hidden: int
) -> None:
    page = officer.get(f"/people/p_dean{query}")
    lines = [node for node in page.all("li") if node.get("class") == "app-timeline__item"]
    assert len(lines) == shown
    assert (f"{hidden} hidden by your choice above" in page.text) is bool(hidden)


def test_the_timeline_is_newest_first_and_unknown_days_last(officer: Visitor) -> None:
    text = officer.get("/people/p_dean").text
    timeline = text[text.index("What happened") :]
    found = [timeline.index(words) for words in ("12 Oct 2026", "2 Jan 2019", "Date not known")]
    assert found == sorted(found)


def test_hostile_values_of_a_person_are_text(officer: Visitor, desk: ScriptedDesk) -> None:
    desk.people["p_dean"] = dataclasses.replace(
        answers.dean(), heading=EVIL, why=(*answers.dean().why[:1],) * 2
    )
    page = officer.get("/people/p_dean")
    assert page.h1 == EVIL
    assert len(page.all("script")) == 2


def test_picture_and_table_hold_the_same_links(officer: Visitor) -> None:
    page = officer.get("/links/a_alder")
    drawn = drawing(page)
    labels = {node["id"]: node["told"]["label"] for node in drawn["nodes"]}  # type: ignore[index]
    picture = {(labels[e["from"]], e["label"], labels[e["to"]]) for e in drawn["edges"]}
    rows = set()
    for row in page.all("tr")[1:]:
        cells = [" ".join("".join(map(str, c.itertext())).split()) for c in row][:3]
        rows.add(tuple(cells))
    assert picture == rows
    assert len(rows) == 7


def test_derived_links_are_dashed_and_said_to_be_worked_out(officer: Visitor) -> None:
    page = officer.get("/links/a_alder")
    dashed = [edge for edge in drawing(page)["edges"] if edge["dashes"]]
    assert [edge["from"] for edge in dashed] == ["p_mia"]
    assert "worked out from Police" in page.text


def test_physics_is_off_and_every_node_has_its_place(officer: Visitor) -> None:
    drawn = drawing(officer.get("/links/a_alder"))
    assert drawn["options"]["physics"]["enabled"] is False  # type: ignore[call-overload]
    places = [(node["x"], node["y"]) for node in drawn["nodes"]]
    assert len(set(places)) == len(places) == 6


def test_expanding_adds_and_moves_nothing(officer: Visitor, home: PageHome) -> None:
    before = {n["id"]: (n["x"], n["y"]) for n in drawing(officer.get("/links/a_alder"))["nodes"]}
    page = officer.get("/links/a_alder?expand=p_dean")
    after = {n["id"]: (n["x"], n["y"]) for n in drawing(page)["nodes"]}
    assert set(after) - set(before) == {"a_beech", "p_lee"}
    assert {key: after[key] for key in before} == before
    assert "Lee Moss, 19" in page.text
    viewed = [row.payload["hops"] for row in home.audit.rows(kind="network_viewed")]
    assert viewed == [2, 2, 1]


def test_what_is_not_on_the_page_cannot_be_expanded(officer: Visitor, home: PageHome) -> None:
    officer.get("/links/a_alder?expand=p_stranger")
    assert len(list(home.audit.rows(kind="network_viewed"))) == 1


def test_select_works_without_javascript(officer: Visitor) -> None:
    page = officer.get("/links/a_alder?select=p_mia")
    (panel,) = [node for node in page.all("h2") if node.get("id") == "chosen"]
    assert panel.text == "Mia Carter, 34"


def test_a_hub_is_shown_and_cannot_be_expanded(officer: Visitor) -> None:
    page = officer.get("/links/a_alder")
    row = next(
        row for row in page.all("tr") if "Bridge Hostel" in "".join(map(str, row.itertext()))
    )
    assert "Expand" not in "".join(map(str, row.itertext()))


def test_kinds_are_filtered_and_the_hidden_are_counted(officer: Visitor) -> None:
    page = officer.get("/links/a_alder?kind=person")
    assert "2 hidden by your filters" in page.text
    assert "Domestic abuse" not in page.text
    assert page.h1 == "Links around 12 Alder Road, Walsall"


def test_a_large_network_is_cut_in_the_picture_only(officer: Visitor, desk: ScriptedDesk) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    keys = [f"p_{a}{b}" for a in letters for b in letters][:260]
    desk.networks["a_alder"] = EgoNetwork(
        centre="a_alder",
        hops=1,
        nodes=(
            answers.node("a_alder", "address", "12 Alder Road", 0),
            *(answers.node(key, "person", key, 1) for key in keys),
        ),
        links=tuple(answers.link(key, "a_alder", "lives_at", "lives here") for key in keys),
        truncated=True,
    )
    page = officer.get("/links/a_alder")
    assert len(drawing(page)["nodes"]) == 200
    assert len(page.all("tr")) == 261
    assert "The picture leaves out the 61 items furthest out" in page.text
    assert "more links than can be shown at once" in page.text


def test_hostile_labels_do_not_leave_their_script(officer: Visitor, desk: ScriptedDesk) -> None:
    desk.networks["a_alder"] = answers.network(label=EVIL)
    page = officer.get("/links/a_alder")
    scripts = page.all("script")
    assert len(scripts) == 6
    assert any(node["told"]["label"] == EVIL for node in drawing(page)["nodes"])  # type: ignore[index]


def test_nodes_alike_are_told_apart(officer: Visitor, desk: ScriptedDesk) -> None:
    desk.networks["a_alder"] = EgoNetwork(
        centre="a_alder",
        hops=1,
        nodes=(
            EgoNode(
                key="a_alder", kind="address", label="12 Alder Road", step=0, facts=("WS1 1AA",)
            ),
            EgoNode(
                key="c_noise",
                kind="contact",
                label="Noise",
                step=1,
                facts=("Walsall Housing", "2026-10-03", "open", "high"),
            ),
        ),
        links=(answers.link("c_noise", "a_alder", "at", "Was at"),),
    )
    page = officer.get("/links/a_alder?select=c_noise")
    assert page.h1 == "Links around 12 Alder Road WS1 1AA"
    assert "Noise, 3 Oct 2026 Contact Walsall Housing 3 Oct 2026 Open High" in page.text
    assert "Noise, 3 Oct 2026 was at 12 Alder Road WS1 1AA" in page.text
