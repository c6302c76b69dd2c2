"""Settings: read once, refused when wrong, documented."""

import dataclasses
from pathlib import Path

import pytest

from kith.settings import Settings, SettingsError

MANUAL = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_in_the_manual() -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    for entry in dataclasses.fields(Settings):
        assert f"| `{entry.metadata['variable']}` |" in manual
        assert f"| {entry.metadata['doc']} |" in manual


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"KITH_PORT": "eighty", "KITH_DEMO": "perhaps"})
    assert "KITH_PORT" in str(caught.value)
    assert "KITH_DEMO" in str(caught.value)
    assert "eighty" not in str(caught.value)


@pytest.mark.parametrize("secret", ["", "too short"])
def test_no_start_without_a_secret_outside_the_demonstration(secret: str) -> None:
    with pytest.raises(SettingsError, match="KITH_SECRET"):
        Settings.from_environment({"KITH_SECRET": secret}).require_secret()
    Settings.from_environment({"KITH_SECRET": secret, "KITH_DEMO": "1"}).require_secret()


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("x" * 32 + "\n", encoding="utf-8")
    settings = Settings.from_environment({"KITH_SECRET_FILE": str(file)})
    settings.require_secret()
    assert settings.secret == "x" * 32


def test_a_port_that_no_machine_has_is_refused() -> None:
    assert Settings.from_environment({"KITH_PORT": "65535"}).port == 65535
    with pytest.raises(SettingsError, match="KITH_PORT"):
        Settings.from_environment({"KITH_PORT": "65536"})


def test_a_secret_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe\xd5")
    with pytest.raises(SettingsError, match="KITH_SECRET_FILE: is no text"):
        Settings.from_environment({"KITH_SECRET_FILE": str(file)})


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="KITH_SECRET_FILE"):
        Settings.from_environment({"KITH_SECRET_FILE": str(tmp_path / "none")})


def test_there_is_no_default_password() -> None:
    settings = Settings.from_environment({})
    assert settings.secret == ""
    assert settings.neo4j_password == ""
