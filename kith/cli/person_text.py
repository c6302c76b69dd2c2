"""A person as text.

Invariant: each value is printed with who says so; conflicting values stand side by side.
"""

from __future__ import annotations

from kith.cli import console, words
from kith.cli.address_text import contact
from kith.cli.words import Plain


def print_person(answer: Plain) -> None:
    """Print the plain form of a `kith.desk.PersonAnswer` that has a person."""
    person = answer["person"]
    console.heading(person["heading"])
    rows = [
        (field["field_name"].replace("_", " "), said["value"], words.agencies(said["sources"]))
        for field in person["identity"]
        for said in field["values"]
    ]
    console.table(("what", "value", "who says so"), rows)
    for entry in person["indicators"]:
        state = "in force" if entry["in_force"] else "ended"
        console.line(
            f"{words.code(entry['code'], entry['kind'])} ({entry['agency_label']}, {state}, "
            f"{words.since(entry['valid_from'], entry['valid_to'])}){words.ring(entry['ring'])}"
        )
    console.heading(f"What happened ({len(person['timeline'])})")
    for entry in person["timeline"]:
        console.line(f"  {contact(entry)}")
    console.heading("Addresses")
    for entry in person["addresses"]:
        address = entry["address"]
        console.line(
            f"  {address['line']} {address['postcode'] or ''}  "
            f"{words.since(entry['since'], entry['until'])}  ({words.agencies(entry['sources'])})"
        )
    console.heading("Family and others")
    for entry in person["relationships"]:
        how = "stated" if entry["stated"] else "derived"
        relation = entry["relation"].replace("_", " ")
        console.line(f"  {entry['person']['name']}: {relation} ({how})")
    console.heading("Why these records are one person")
    for entry in person["why"]:
        console.line(f"  {entry['agency_label']}, {entry['dataset']}: {entry['words']}")
    for entry in person["existence"]:
        console.line(f"{entry['label']} holds something about them{words.ring(entry['ring'])}")
