"""The browser libraries in static/ are those that deploy/vendor_static.py fetched, to the byte."""

import hashlib
import json
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
PACKAGES = json.loads((STATIC / "vendor" / "vendor.json").read_text())


def test_every_vendored_file_is_as_it_was_fetched():
    for package in PACKAGES:
        for path, expected in package["sha256"].items():
            assert hashlib.sha256((STATIC / path).read_bytes()).hexdigest() == expected, path


def test_nothing_lies_beside_the_vendored_files():
    listed = {path for package in PACKAGES for path in package["sha256"]}
    files = (path for path in (STATIC / "vendor").rglob("*") if path.is_file())
    present = {path.relative_to(STATIC).as_posix() for path in files}
    assert present - listed == {"vendor/vendor.json"}


def test_every_package_names_its_version_and_licence():
    for package in PACKAGES:
        assert package["name"]
        assert package["version"]
        assert package["licence"]
        assert package["source"].startswith("https://")
