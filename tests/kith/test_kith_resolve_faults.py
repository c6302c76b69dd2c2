"""`kith resolve` with a model, settings or labels that are not as they should be."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from governance import judgements
from kith import cli, pipeline
from kith.cli.demo import prepare
from kith.home import Home
from kith.labelling.state import read_status
from kith.settings import Settings
from resolution.scoring import ModelError
from tests.kith.labelling_builders import add_steward
from tests.kith.test_kith_resolve_stopped import links, sign_in


@pytest.fixture(scope="module")
def resolved_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "home"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NEO4J_URI", "KITH_HOME", "KITH_REGISTER_URL", "KITH_AUDIT_URL"):
            patch.delenv(name, raising=False)
        patch.setenv("XDG_STATE_HOME", str(folder.parent / "state"))
        patch.setattr(pipeline, "project", lambda *_args, **_options: None)
        prepare(folder, "walsall", 40, seed=5).close()
    return folder


@pytest.fixture
def home(resolved_once: Path, tmp_path: Path) -> Iterator[Home]:
    folder = tmp_path / "home"
    shutil.copytree(resolved_once, folder)
    with Home.open(Settings(home=folder)) as opened:
        yield opened


@pytest.fixture
def resolve(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """`kith resolve` as at a terminal: its exit code and all that it showed."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    sign_in(home)

    def go(*options: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["kith", "resolve", "--home", str(home.folder), *options])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        shown = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, shown.out + shown.err

    return go


class Trap:
    """Whoever unpickles it makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Path.touch, (self.file,)


def write_model(home: Home, text: bytes) -> None:
    folder = home.folder / pipeline.MODELS
    folder.mkdir(exist_ok=True)
    (folder / "model.json").write_bytes(text)


def stored(home: Home, **changed: Any) -> bytes:
    """A model as this home would write it, its seal as it was before the change."""
    from resolution.scoring import save_model

    save_model(home.folder / pipeline.MODELS, {"pair": 1}, home.keys, created=home.clock())
    body = json.loads((home.folder / pipeline.MODELS / "model.json").read_bytes())
    return json.dumps({**body, **changed}).encode()


def test_a_model_that_must_not_be_used_is_refused_by_name(
    home: Home, resolve: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    touched = tmp_path / "touched"
    before, known = pipeline.read_current(home), links(home)
    for text, words in (
        (stored(home, format=99), "format"),
        (stored(home, content={"pair": 2}), "seal"),
        (stored(home, seal="0" * 64), "seal"),
        (stored(home)[:40], "no JSON"),
        (pickle.dumps(Trap(touched)), "no JSON"),
        (b"[]", "no model"),
        (b"", "no JSON"),
    ):
        write_model(home, text)
        code, shown = resolve("--force", "--keep-model")
        assert code != 0
        assert words in shown
        assert "not foresee" not in shown
        assert [line for line in shown.splitlines() if line.startswith("Error: ")] != []
        assert pipeline.read_current(home) == before
    assert not touched.exists()
    assert links(home) == known
    code, shown = resolve("--force")  # without the model it learns, and says so
    assert code == 0
    assert links(home) == known


def test_a_model_of_another_version_is_refused_in_words(home: Home) -> None:
    stored(home)
    with pytest.raises(ModelError, match="another version"):
        pipeline.resolve(home, force=True, keep_model=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("strict = 'very'", "'strict' must be a number"),
        ("strict = 7", "'strict' must be from"),
        ("cost_of_false_merge = nan", "'cost_of_false_merge' must be from"),
        ("nonsense = 1", "'nonsense' is not known"),
        ("= = =", "cannot be read"),
        ("\x00\ufffd", "cannot be read"),
        ("", "must be a number"),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_every_fault(
    home: Home, resolve: Callable[..., tuple[int, str]], text: str, words: str
) -> None:
    before = pipeline.read_current(home)
    (home.folder / "linking.toml").write_text(text, encoding="utf-8")
    code, shown = resolve("--force")
    assert code == 2
    assert words in shown
    assert "not foresee" not in shown
    assert pipeline.read_current(home) == before


def test_nothing_staged_is_told(tmp_path: Path) -> None:
    with (
        Home.create(Settings(home=tmp_path / "home"), "walsall") as empty,
        pytest.raises(pipeline.NothingStagedError, match="kith load"),
    ):
        pipeline.resolve(empty)


def judge(home: Home, user_id: str, *told: tuple[str, str, str]) -> None:
    with home.register.session() as session:
        judgements.add_judgements(session, told, user_id, home.clock())
        session.commit()


def test_labels_that_contradict_are_kept_told_and_decided_as_the_manual_says(home: Home) -> None:
    one, other = add_steward(home, "stella"), add_steward(home, "oskar")
    a, b, c, d = sorted(links(home))[:4]
    judge(home, one.user_id, (a, b, "same"), (b, c, "same"), (a, c, "different"))
    judge(home, one.user_id, (a, d, "same"))
    judge(home, other.user_id, (a, d, "different"))  # the later answer holds
    counts = pipeline.resolve(home).counts
    person = links(home)
    assert person[a] != person[c]  # what is judged different is apart
    assert person[a] != person[d]
    assert counts["labels"]["contradictions"] == 2
    assert {entry["kind"] for entry in counts["contradictions"]} == {"stewards", "chain"}
    found = read_status(home, one).contradictions
    assert sorted(entry.kind for entry in found) == ["chain", "stewards"]
    with home.register.session() as session:
        assert len(list(judgements.history(session))) == 5


def test_labels_of_records_that_are_gone_wait(home: Home) -> None:
    user = add_steward(home, "stella")
    here = sorted(links(home))[:2]
    gone = [(f"r_gone{n}a", f"r_gone{n}b", "same") for n in range(30)]
    judge(home, user.user_id, (here[0], here[1], "different"), *gone, (here[0], "r_gone0a", "same"))
    counts = pipeline.resolve(home).counts
    assert counts["labels"]["of_records_gone"] == 31
    assert (counts["labels"]["same"], counts["labels"]["different"]) == (0, 1)
    assert read_status(home, user).ignored == 31
    with home.register.session() as session:
        assert len(judgements.judgements(session)) == 32
