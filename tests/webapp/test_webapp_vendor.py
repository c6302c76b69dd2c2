"""Vendored files: unchanged, licensed, and without the marks that are not ours to use."""

from __future__ import annotations

import hashlib
import re

from webapp.vendor import BRAND, FOLDER, PACKAGES, SUMS, strip_brand


def test_every_file_has_its_sum_and_every_sum_its_file() -> None:
    lines = (FOLDER / SUMS).read_text(encoding="utf-8").splitlines()
    listed = {file: digest for digest, file in (line.split("  ") for line in lines)}
    found = {
        file.relative_to(FOLDER).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in FOLDER.rglob("*")
        if file.is_file() and file.name != SUMS
    }
    assert listed == found


def test_no_reserved_typeface_or_mark_is_left() -> None:
    for file in FOLDER.rglob("*"):
        if file.suffix in {".css", ".js", ".svg"}:
            text = file.read_text(encoding="utf-8")
            assert not BRAND.search(text), file.name
            assert "@font-face" not in text
    assert not [file for file in FOLDER.rglob("*") if re.search(r"woff|crest|crown", file.name)]


def test_nothing_is_loaded_from_elsewhere() -> None:
    for file in FOLDER.rglob("*.css"):
        for target in re.findall(r"url\(([^)]*)\)", file.read_text(encoding="utf-8")):
            address = target.strip("\"'")
            if not address.startswith("data:"):
                assert (file.parent / address).is_file(), address


def test_each_package_has_its_version_and_licence_written_down() -> None:
    readme = (FOLDER / "README.md").read_text()
    for package, version in PACKAGES.items():
        assert f"| {package} | {version} |" in readme
    for name in ("govuk-frontend", "moj-frontend", "vis-network-MIT", "vis-network-APACHE-2.0"):
        assert "Permission is hereby granted" in (text := _licence(name)) or "Apache" in text


def test_stripping_takes_the_typeface_and_the_crest_and_leaves_the_rest() -> None:
    css = (
        "@font-face{font-family:GDS Transport;src:url(/assets/fonts/light.woff2)}"
        ".a{font-family:GDS Transport,arial,sans-serif;color:red}"
        ".b{background:url(/assets/images/govuk-crest.svg)}"
        ".govuk-header__logotype{top:1px}"
        ".c{background:url(/assets/images/icon-x.svg)}/*# sourceMappingURL=x.map */"
    )
    stripped = strip_brand(css)
    assert not BRAND.search(stripped)
    assert ";color:red}" in stripped
    assert ".c{background:url(images/icon-x.svg)}" in stripped


def _licence(name: str) -> str:
    return (FOLDER / "licences" / f"{name}.txt").read_text(encoding="utf-8")
