"""What the terminal shows of a fault that nobody foresaw: where it was, never a value."""

import json
from collections.abc import Iterator

import pytest
import structlog

from kith import cli


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_a_fault_before_a_home_is_open_shows_no_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_options: object) -> None:
        secret = "Zebedee Quillfeather"
        raise ValueError(f"cannot take {secret}")

    monkeypatch.setattr(cli.kith, "main", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    shown = capsys.readouterr()
    assert ended.value.code == 1
    assert shown.out == ""
    assert "Quillfeather" not in shown.err
    logged = json.loads(shown.err.splitlines()[0])
    assert logged["exception"]["error"] == "ValueError"
    assert logged["number"] in shown.err.splitlines()[-1]
