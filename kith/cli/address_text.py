"""An address check as text, in the order of what hurts if it is missed.

Invariant: every block of the answer is printed; an empty one says what its emptiness means.
"""

from __future__ import annotations

from kith.cli import console, words
from kith.cli.words import Plain


def print_check(answer: Plain) -> None:
    """Print the plain form of a `kith.desk.AddressAnswer`."""
    check = answer["check"]
    if answer["being_updated_since"]:
        console.line(f"Being updated since {words.age_of(answer['being_updated_since'])}.")
    if check["candidates"]:
        _candidates(check["candidates"])
    elif check["nothing_found"]:
        _nothing(answer)
        return
    else:
        _found(check)
    _sources(answer)


def _candidates(candidates: list[Plain]) -> None:
    console.heading("Which address do you mean?")
    rows = [(entry["line"], entry["postcode"], entry["why"]) for entry in candidates]
    console.table(("address", "postcode", "why"), rows)


def _nothing(answer: Plain) -> None:
    console.heading("No agency in this area has recorded anything at this address.")
    _sources(answer)


def _found(check: Plain) -> None:
    address = check["address"]
    place = ", ".join(part for part in (address["line"], address["postcode"]) if part)
    console.heading(place + (f"   UPRN {address['uprn']}" if address["uprn"] else ""))
    for entry in check["warnings"]:
        _indicator("WARNING", "warning", entry)
    for entry in check["plans"]:
        _indicator("PLAN", "plan", entry)
    _contacts("Open concerns", check["open_contacts"], "none in what you may see")
    _people("Who lives here now", check["occupants_now"])
    if check["living_alone"]:
        console.line(f"  {check['living_alone']}")
    for entry in check["existence"]:
        console.line(
            f"  {entry['label']} holds something about this address{words.ring(entry['ring'])}"
        )
    _people("Used to live here", check["occupants_before"])
    shown = {entry["contact_id"] for entry in check["open_contacts"]}
    earlier = [entry for entry in check["contacts"] if entry["contact_id"] not in shown]
    _contacts("Earlier concerns", earlier, "none in what you may see")
    if check["linked_addresses"]:
        console.heading("Linked addresses")
        for entry in check["linked_addresses"]:
            console.line(f"  {entry['line']} {entry['postcode'] or ''} ({entry['why']})")


def _indicator(tag: str, list_name: str, entry: Plain) -> None:
    about = f" - {entry['person']['name']}" if entry["person"] else ""
    value = f": {entry['value']}" if entry["value"] else ""
    console.line(
        f"{tag}  {words.code(entry['code'], list_name)}{value}{about} ({entry['agency_label']}, "
        f"{words.since(entry['valid_from'], entry['valid_to'])}){words.ring(entry['ring'])}"
    )


def _contacts(title: str, entries: list[Plain], empty: str) -> None:
    console.heading(f"{title} ({len(entries)})")
    if not entries:
        console.line(f"  {empty}")
    for entry in entries:
        console.line(f"  {contact(entry)}")


def contact(entry: Plain) -> str:
    """One contact, or several alike, on a line."""
    parts = [words.code(entry["category"], "contact_category"), entry["agency_label"]]
    if entry["times"] > 1:
        parts.append(
            f"{entry['times']} times, {words.day(entry['first_on'])} to "
            f"{words.day(entry['on_date'])}"
        )
    else:
        parts.append(words.day(entry["on_date"]))
    if entry["status"]:
        parts.append(words.code(entry["status"], "contact_status").lower())
    if entry["address"]:
        parts.append(f"at {entry['address']['line']}")
    if entry["summary"]:
        parts.append(entry["summary"])
    people = ", ".join(person["name"] for person in entry["people"])
    if people:
        parts.append(people)
    elif entry["nobody_named"]:
        parts.append("nobody named that you may see")
    return ", ".join(parts) + words.ring(entry["ring"])


def _people(title: str, occupants: list[Plain]) -> None:
    console.heading(title)
    if not occupants:
        console.line("  nobody in what you may see; somebody may")
    for entry in occupants:
        console.line(
            f"  {words.who(entry['person'])}  {words.since(entry['since'], entry['until'])}  "
            f"({words.agencies(entry['sources'])})  {entry['certainty']}"
            f"  [{entry['person']['person_id']}]"
        )


def _sources(answer: Plain) -> None:
    searched = [
        f"{source['agency_label']} {words.age_of(source['loaded_on'])}"
        for source in answer["sources"]
        if source["loaded_on"]
    ]
    console.line("Sources: " + (" · ".join(dict.fromkeys(searched)) or "none"))
    silent = [s["agency_label"] for s in answer["not_searched"]]
    silent += [s["agency_label"] for s in answer["sources"] if not s["loaded_on"]]
    if silent:
        console.line("Not searched: " + " · ".join(dict.fromkeys(silent)))
