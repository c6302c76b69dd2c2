"""The subject access bundle: what is disclosed to a person, as data and as a page to read.

Invariant: it holds items that were decided on and approved, and of them only what is disclosed;
that something is kept back is said, unless the exemption covers that too. Its files are readable
by the home's own user alone, and go after a set time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from governance import registration
from governance.subject_cases import SubjectCase
from governance.subject_items import Decided
from kith.home import Home
from kith.rights.items import Item
from kith.rights.wording import Labels, field_words, kind_words, value_words
from records.codes import code_list

DATA, PAGE = "bundle.json", "bundle.html"
NOT_DISCLOSED = "[not disclosed]"
_STYLE = (
    "body{font-family:sans-serif;max-width:45em;margin:1em auto;padding:0 1em;line-height:1.4}"
    "dt{font-weight:bold}dd{margin:0 0 .4em 0}section{border-top:1px solid #777}"
)


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle before it is written; `sha256` is that of its data."""

    data: bytes
    page: bytes
    sha256: str
    counts: dict[str, int]


def make_bundle(
    home: Home,
    session: Session,
    case: SubjectCase,
    decided: Sequence[Decided],
    found: Mapping[str, Item],
) -> Bundle:
    """What a person is given; every item was decided about and stands as it was decided on."""
    labels = Labels.of(session)
    told = [
        _told(found[each.item_id], each, labels) for each in decided if each.decision != "withhold"
    ]
    told = [each for each in told if each["fields"]]
    agencies = {found[each.item_id].agency for each in decided if each.decision != "withhold"}
    content = {
        "case": case.case_id,
        "received_on": case.received_on.isoformat(),
        "made_on": home.clock().date().isoformat(),
        "items": told,
        "kept_back": _kept_back(decided),
        "held_by": _controllers(session, agencies),
        "your_rights": _RIGHTS,
    }
    data = json.dumps(content, ensure_ascii=False, indent=2).encode()
    return Bundle(
        data=data,
        page=_page(content).encode(),
        sha256=hashlib.sha256(data).hexdigest(),
        counts=dict(Counter(each.decision or "" for each in decided)),
    )


_RIGHTS = [
    "You may ask for what is wrong to be corrected, for data to be erased, or for their use to be "
    "restricted, and you may object to their use.",
    "You may complain to the Information Commissioner's Office: ico.org.uk, 0303 123 1113.",
]


def _told(item: Item, decided: Decided, labels: Labels) -> dict[str, Any]:
    fields = {}
    for name in item.values:
        if name not in decided.redacted:
            fields[field_words(name)] = value_words(item.kind, name, item.values)
        elif not decided.silent:
            fields[field_words(name)] = NOT_DISCLOSED
    return {"what": kind_words(item), "held_by": labels.source(item), "fields": fields}


def _kept_back(decided: Sequence[Decided]) -> list[dict[str, Any]]:
    """Why something is kept back, and of how many items; not where that is not to be told."""
    back = Counter(
        each.exemption for each in decided if each.decision != "disclose" and not each.silent
    )
    words = code_list("exemption").labels
    return [
        {"because": words[exemption], "items": count}
        for exemption, count in sorted(back.items(), key=lambda pair: str(pair[0]))
        if exemption is not None
    ]


def _controllers(session: Session, agencies: set[str | None]) -> list[dict[str, str]]:
    return [
        {"agency": each.label, "ring": each.ring}
        for each in registration.agencies(session)
        if each.agency_id in agencies
    ]


def _page(content: Mapping[str, Any]) -> str:
    parts = [
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Copy of your data</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>Copy of your data</h1><p>You asked for it on {_text(content['received_on'])}. Made "
        f"on {_text(content['made_on'])}. Case {_text(content['case'])}.</p>",
    ]
    for number, item in enumerate(content["items"], 1):
        parts.append(f"<section><h2>{number}. {_text(item['what'])}</h2>")
        parts.append(f"<p>Held by {_text(item['held_by'])}</p><dl>")
        parts += [
            f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>"
            for name, value in item["fields"].items()
        ]
        parts.append("</dl></section>")
    if not content["items"]:
        parts.append("<p>Nothing can be disclosed.</p>")
    parts.append(_list("What was not disclosed", [
        f"{entry['because']}: {entry['items']}" for entry in content["kept_back"]
    ]))  # fmt: skip
    parts.append(_list("Who holds this", [
        f"{entry['agency']}: {entry['ring']}" for entry in content["held_by"]
    ]))  # fmt: skip
    parts.append(_list("Your rights", content["your_rights"]))
    return "".join([*parts, "</main></body></html>\n"])


def _list(heading: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    points = "".join(f"<li>{_text(line)}</li>" for line in lines)
    return f"<section><h2>{_text(heading)}</h2><ul>{points}</ul></section>"


def _text(value: object) -> str:
    return escape(str(value))


def folder_of(home: Home, case_id: str) -> Path:
    """Where the bundle of a case lies."""
    return home.folder / "bundles" / case_id


def write_bundle(home: Home, case_id: str, bundle: Bundle) -> Path:
    """Write it, for the home's own user alone; whole or not at all."""
    folder = folder_of(home, case_id)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    building = folder.with_name(f".{case_id}")
    for stale in (building, folder):
        shutil.rmtree(stale, ignore_errors=True)
    building.mkdir(mode=0o700)
    for name, content in ((DATA, bundle.data), (PAGE, bundle.page)):
        handle = os.open(building / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    building.rename(folder)
    return folder


def remove_bundle(home: Home, case_id: str) -> bool:
    """Remove a bundle's files; whether there were any."""
    folder = folder_of(home, case_id)
    there = folder.is_dir()
    shutil.rmtree(folder, ignore_errors=True)
    return there
