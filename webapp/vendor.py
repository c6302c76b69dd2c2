"""Renews webapp/static/vendor: for maintainers, `python -m webapp.vendor`.

Invariant: what is committed is the published packages' own dist files, changed only by the
rules below, so that anybody can make them again and get the same SHA256SUMS. Nothing of it runs
when Kith does. npm's ordinary client fetches the packages, into a temporary folder.

GOV.UK Frontend and MOJ Frontend may be used by anybody; the GDS Transport typeface, the crest,
the crown and the logotypes may not. They are taken out here.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGES = {
    "govuk-frontend": "6.6.0",
    "@ministryofjustice/frontend": "11.1.0",
    "vis-network": "10.1.5",
}
FOLDER = Path(__file__).parent / "static" / "vendor"
SUMS = "SHA256SUMS"
FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'
BRAND = re.compile(
    r"GDS Transport|crest|crown|logotype|govuk-logo|assets/fonts|/assets/", re.IGNORECASE
)

_FILES = {
    "govuk-frontend": {
        "dist/govuk/govuk-frontend.min.css": "govuk/govuk-frontend.min.css",
        "dist/govuk/govuk-frontend.min.js": "govuk/govuk-frontend.min.js",
    },
    "@ministryofjustice/frontend": {
        "moj/moj-frontend.min.css": "moj/moj-frontend.min.css",
        "moj/moj-frontend.min.js": "moj/moj-frontend.min.js",
    },
    "vis-network": {
        "dist/vis-network.min.js": "vis/vis-network.min.js",
        "styles/vis-network.min.css": "vis/vis-network.min.css",
    },
}


def strip_brand(css: str) -> str:
    """A style sheet without the reserved typeface and marks; images beside it, no source map."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r'"?GDS Transport"?,arial,sans-serif', FONT, css)
    css = re.sub(r"url\(/assets/images/govuk-crest\.svg\)", "none", css)
    css = re.sub(r"\.[\w-]*(?:__crown|__logotype|govuk-logo)[\w:-]*\{[^}]*\}", "", css)
    return css.replace("url(/assets/images/", "url(images/")


def _images(css: str) -> list[str]:
    return sorted(set(re.findall(r"url\(images/([^)]+)\)", css)))


def _fetch(folder: Path) -> dict[str, Path]:
    """The packages, unpacked: name -> folder."""
    unpacked = {}
    for number, (package, version) in enumerate(PACKAGES.items()):
        place = folder / str(number)
        place.mkdir()
        wanted = f"{package}@{version}"
        subprocess.run(["npm", "pack", "--silent", wanted], cwd=place, check=True)
        with tarfile.open(next(place.glob("*.tgz"))) as archive:
            archive.extractall(place, filter="data")
        unpacked[package] = place / "package"
    return unpacked


def _copy(package: Path, source: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    text = (package / source).read_text(encoding="utf-8")
    text = re.sub(r"//# sourceMappingURL=\S*\s*$", "\n", text)
    text = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text)
    if target.suffix == ".css" and "vis" not in target.parts:
        text = strip_brand(text)
        for image in _images(text):
            (target.parent / "images").mkdir(exist_ok=True)
            shutil.copyfile(package / "moj/assets/images" / image, target.parent / "images" / image)
    target.write_text(text, encoding="utf-8")


def _sums(folder: Path) -> str:
    files = sorted(entry for entry in folder.rglob("*") if entry.is_file() and entry.name != SUMS)
    return "".join(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n"
        for file in files
    )


def main() -> None:
    """Fetch, copy, strip, and write the sums. The licences folder is kept by hand."""
    with tempfile.TemporaryDirectory() as temporary:
        packages = _fetch(Path(temporary))
        for name in ("govuk", "moj", "vis"):
            shutil.rmtree(FOLDER / name, ignore_errors=True)
        for package, files in _FILES.items():
            for source, target in files.items():
                _copy(packages[package], source, FOLDER / target)
        for name in ("MIT", "APACHE-2.0"):
            shutil.copyfile(
                packages["vis-network"] / f"LICENSE-{name}",
                FOLDER / "licences" / f"vis-network-{name}.txt",
            )
    (FOLDER / SUMS).write_text(_sums(FOLDER), encoding="utf-8")


if __name__ == "__main__":
    main()
