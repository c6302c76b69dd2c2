"""The pipeline: what ties loading, resolution and the projection together.

Invariant: each step leaves either its whole result or the one before; each is audited, and a step
whose inputs have not changed says so and does nothing.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

import areas
import graph
import loaders
from governance import events, judgements, registration, restrictions, runs
from governance.errors import NoLawfulBasis, RegistrationError, SourceInactive
from governance.tables import SYSTEM
from kith.home import BLANK, Home
from records.errors import KithError
from records.snapshot import Resolved, Snapshot

if TYPE_CHECKING:
    from resolution.increments.resolving import Before
    from resolution.linking.settings import LinkingSettings
    from resolution.linking.trained import Trained

Report = Callable[[str, float], None]
"""Called with a stage in words and its share done, 0 to 1."""

MODELS = "models"
_KEPT_RUNS = 3


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who sets a step off: a user's id and agency, or unattended work."""

    user_id: str = SYSTEM
    agency: str | None = None


class NothingStagedError(KithError):
    """There is nothing to resolve, or nothing resolved to project."""


def silent(_stage: str, _share: float) -> None:
    """No report."""


def load_context(home: Home, actor: Actor | None = None) -> loaders.LoadContext:
    """What the loaders need of a home."""
    return loaders.LoadContext(
        home=home.folder,
        session=home.register.session,
        keys=home.keys,
        user_id=(actor or Actor()).user_id,
        clock=home.clock,
        at_rest=home.at_rest,
    )


def mapping_folders(home: Home) -> list[Path]:
    """Where mappings lie: those that ship, then the home's own."""
    return [*areas.mapping_folders(), home.folder / "mappings"]


def load_file(
    home: Home,
    path: Path,
    *,
    dataset: str,
    mapping: Path | None = None,
    actor: Actor | None = None,
    report: Report = silent,
) -> loaders.LoadResult:
    """Stage one file of a dataset `AGENCY/SYSTEM`; every outcome is audited.

    Raises:
        KithError: if the source is not registered, not active or without a lawful basis, or no
            mapping fits; nothing was changed.
    """
    who = actor or Actor()
    context = load_context(home, who)
    try:
        mappings = loaders.read_mappings([mapping] if mapping else mapping_folders(home))
        result = loaders.load_file(
            path, mappings=mappings, dataset=dataset, context=context, progress=report
        )
    except RegistrationError as error:
        # What is not registered is only what somebody typed: it stays out of the audit.
        known = isinstance(error, SourceInactive | NoLawfulBasis)
        _audit_refusal(home, who, dataset if known else None, error.ground)
        raise
    except loaders.FileError as error:
        _audit_refusal(home, who, dataset, error.ground)
        raise
    if result.state == "staged":
        entry = result.entry
        home.audit.record(
            events.FileLoaded(
                user_id=who.user_id,
                agency=who.agency,
                load_id=entry.load_id,
                giving_agency=entry.agency,
                dataset=entry.dataset,
                sha256=entry.sha256,
                accepted=entry.accepted,
                rejected=entry.rejected,
            )
        )
    elif result.state == "refused":
        _audit_refusal(home, who, dataset, result.ground or "unreadable")
    return result


def _audit_refusal(home: Home, who: Actor, dataset: str | None, ground: str) -> None:
    agency, _, system = (dataset or "").partition("/")
    home.audit.record(
        events.FileRefused(
            user_id=who.user_id,
            agency=who.agency,
            reason=ground,
            giving_agency=agency or None,
            dataset=system or None,
        )
    )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A step's outcome: whether anything was done, its run, and its counts."""

    changed: bool
    run_id: str
    counts: dict[str, Any]


def resolve(
    home: Home,
    *,
    actor: Actor | None = None,
    report: Report = silent,
    force: bool = False,
    keep_model: bool = False,
    changed: bool = False,
) -> Outcome:
    """Link everything staged into people, addresses and households.

    Args:
        keep_model: score with the stored model as it is, where there is one.
        changed: resolve only what changed since the last resolution, with the model that it
            had; everything, learning anew, where that left nothing to go on from.

    Raises:
        NothingStagedError: if no file was ever loaded.
        ModelError: if the model to keep cannot be used.
    """
    import resolution  # heavy, and most commands do without it

    who = actor or Actor()
    loaders.sweep(load_context(home, who))
    resolution.sweep(home.folder / "resolved")
    report("Taking a snapshot", 0.0)
    snapshot = loaders.take_snapshot(load_context(home, who))
    records = snapshot.rows("record")
    if not records:
        raise NothingStagedError("nothing is staged yet; load a file first: kith load")
    with home.register.session() as session:
        basis = _basis(snapshot.snapshot_id, session, _own_settings(home))
        current = read_current(home)
        if current and current["basis"] == basis and not force:
            return Outcome(changed=False, run_id=current["run_id"], counts=current["counts"])
        how = _How(keep_model=keep_model, changed=changed)
        resolved = _resolved(home, snapshot, session, report, how)
        run = runs.last_run(session, runs.RESOLUTION)
        counts = run.counts if run else {}
        session.commit()
    home.audit.record(
        events.Resolved(
            user_id=who.user_id,
            agency=who.agency,
            run_id=resolved.run_id,
            records=records,
            people=resolved.rows("person"),
        )
    )
    _write_current(home, resolved, basis, counts)
    _drop_old_runs(home, resolved.run_id)
    return Outcome(changed=True, run_id=resolved.run_id, counts=counts)


@dataclass(frozen=True, kw_only=True)
class _How:
    """With which model to resolve, and how much."""

    keep_model: bool
    changed: bool


def _resolved(
    home: Home, snapshot: Snapshot, session: Session, report: Report, how: _How
) -> Resolved:
    """Resolve with the home's own key, geography, settings and place for models."""
    import resolution
    from resolution.scoring import save_model

    settings = resolution.read_linking(_own_settings(home))
    given: dict[str, Any] = {
        "session": session,
        "keys": home.keys,
        "geography": areas.geography(home.area) if home.area != BLANK else None,
        "out_folder": home.folder / "resolved",
        "clock": home.clock,
        "progress": lambda stage, done, of: report(stage.capitalize(), done / of),
        "settings": settings,
    }
    before = _before(home, session, settings) if how.changed else None
    if before is not None:
        return resolution.resolve_changed(before, snapshot, **given)
    return resolution.resolve(
        snapshot,
        model=stored_model(home) if how.keep_model else None,
        learned=lambda trained: save_model(
            home.folder / MODELS, trained.to_json(), home.keys, created=home.clock()
        ),
        **given,
    )


def _before(home: Home, session: Session, settings: LinkingSettings) -> Before | None:
    """The run that a run over a change goes on from, if there is one."""
    from kith.going_on import run_before

    model = stored_model(home) if read_current(home) else None
    if model is None:
        return None
    return run_before(session, current_result(home), load_context(home), model, settings)


def stored_model(home: Home) -> Trained | None:
    """What was learned last, its seal checked; None before the first time.

    Raises:
        ModelError: if it was changed, is broken or was made by another version.
    """
    from resolution.linking.trained import Trained
    from resolution.scoring import ModelError, load_model

    content = load_model(home.folder / MODELS, home.keys)
    if content is None:
        return None
    try:
        return Trained.from_json(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            "the stored model was made by another version of Kith; learn anew: kith resolve"
            " without --keep-model"
        ) from error


def _own_settings(home: Home) -> Path | None:
    own = home.folder / "linking.toml"
    return own if own.exists() else None


def project(home: Home, *, actor: Actor | None = None, report: Report = silent) -> Outcome:
    """Bring the graph up to the last resolution.

    Raises:
        NothingStagedError: if nothing was resolved yet.
    """
    who = actor or Actor()
    current = read_current(home)
    if current is None:
        raise NothingStagedError("nothing is resolved yet; run: kith resolve")
    resolved = current_result(home)
    snapshot = loaders.open_snapshot(load_context(home, who), resolved.snapshot_id)
    with home.register.session() as session:
        agencies = registration.agencies(session)
        restricted = restrictions.restricted_subjects(session)
        run_id = runs.start_run(
            session,
            runs.PROJECTION,
            home.clock(),
            snapshot_id=resolved.snapshot_id,
            parent_run_id=resolved.run_id,
            started_by=who.user_id,
        )
        session.commit()
    result = graph.project(
        home.store,
        snapshot,
        resolved,
        folder=home.folder / "projection",
        agencies=agencies,
        restricted=restricted,
        progress=report,
    )
    counts = dict(result.counts) | {f"{name} to nothing": n for name, n in result.dangling.items()}
    with home.register.session() as session:
        runs.finish_run(session, run_id, home.clock(), counts=counts)
        session.commit()
    home.audit.record(
        events.Projected(
            user_id=who.user_id, agency=who.agency, run_id=run_id, changes=result.changes
        )
    )
    return Outcome(changed=result.changes > 0, run_id=run_id, counts=counts)


def read_current(home: Home) -> dict[str, Any] | None:
    """The last good resolution: run, snapshot, basis and counts; None if there is none."""
    file = home.folder / "resolved" / "current.json"
    if not file.exists():
        return None
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def current_result(home: Home) -> Resolved:
    """The last good resolution's tables. Raises NothingStagedError if there is none."""
    current = read_current(home)
    if current is None:
        raise NothingStagedError("nothing is resolved yet; run: kith resolve")
    return Resolved(
        folder=home.folder / "resolved" / current["run_id"],
        run_id=current["run_id"],
        snapshot_id=current["snapshot_id"],
    )


def _basis(snapshot_id: str, session: Any, settings: Path | None) -> str:
    """A digest of all that a resolution follows from."""
    import resolution

    rules = (
        resolution.read_ladder(),
        resolution.read_survivorship(),
        resolution.read_blocking(),
        resolution.read_linking(settings),
    )
    ladder = json.dumps(repr(rules))
    decided = repr(judgements.judgements(session))
    version = importlib.metadata.version("kithgraph")
    whole = "\x1f".join((snapshot_id, ladder, decided, version))
    return hashlib.sha256(whole.encode()).hexdigest()


def _write_current(home: Home, resolved: Resolved, basis: str, counts: dict[str, Any]) -> None:
    content = {
        "run_id": resolved.run_id,
        "snapshot_id": resolved.snapshot_id,
        "basis": basis,
        "counts": counts,
    }
    file = home.folder / "resolved" / "current.json"
    draft = file.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(content, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)


def _drop_old_runs(home: Home, current: str) -> None:
    """Keep a few, and of those before the current one nothing that a run would go on from."""
    folders = [entry for entry in (home.folder / "resolved").iterdir() if entry.is_dir()]
    for old in folders:
        if old.name != current:
            shutil.rmtree(old / "state", ignore_errors=True)
    folders.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
    for old in [entry for entry in folders if entry.name != current][_KEPT_RUNS - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
