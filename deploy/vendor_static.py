"""Fetch the browser libraries we ship from npm into static/, and note the sha256 of every file.

    python deploy/vendor_static.py

Needs npm, and only when a version or the list of icons below changes; the result is committed, so nobody else does.
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"

# The .map files are needed too: collectstatic follows the reference to them.
BOOTSTRAP_FILES = {
    "LICENSE": "vendor/bootstrap/LICENSE",
    "dist/css/bootstrap.min.css": "vendor/bootstrap/bootstrap.min.css",
    "dist/css/bootstrap.min.css.map": "vendor/bootstrap/bootstrap.min.css.map",
    "dist/js/bootstrap.bundle.min.js": "vendor/bootstrap/bootstrap.bundle.min.js",
    "dist/js/bootstrap.bundle.min.js.map": "vendor/bootstrap/bootstrap.bundle.min.js.map",
}
ICONS = [
    "arrow-repeat",
    "arrow-right",
    "box-arrow-right",
    "bullseye",
    "calendar-check",
    "calendar-event",
    "check",
    "check-circle",
    "check2-circle",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "clipboard-check",
    "clipboard-data",
    "clock",
    "clock-history",
    "door-open",
    "envelope",
    "exclamation-circle",
    "exclamation-triangle",
    "eye",
    "file-earmark-text",
    "flag",
    "gear",
    "geo-alt",
    "graph-up",
    "heart",
    "house",
    "inbox",
    "info-circle",
    "journal-text",
    "kanban",
    "list",
    "lock",
    "moon",
    "mortarboard",
    "pencil",
    "people",
    "people-fill",
    "person",
    "person-plus",
    "plus-lg",
    "printer",
    "search",
    "shield-lock",
    "star",
    "sun",
    "telephone",
    "x-lg",
]


def fetch(name, version, folder):
    """The files of one npm package by their path in it; npm checks its integrity."""
    command = ["npm", "pack", "--silent", f"{name}@{version}"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(folder / f"{name}-{version}.tgz") as archive:
        return {
            member.name.removeprefix("package/"): archive.extractfile(member).read()
            for member in archive
            if member.isfile()
        }


def sprite(files, version):
    """One file with every icon, for <svg><use href="icons.svg#house"/></svg>."""
    licence = files["LICENSE"].decode().strip()
    origin = f"A selection of Bootstrap Icons {version}, https://icons.getbootstrap.com/"
    symbols = [f"<!--\n{origin}\n\n{licence}\n-->"]
    for icon in ICONS:
        svg = files[f"icons/{icon}.svg"].decode()
        view_box, shapes = re.search(r'<svg [^>]*viewBox="([^"]+)"[^>]*>(.*)</svg>', svg, re.DOTALL).groups()
        shapes = re.sub(r"\s*\n\s*", "", shapes)
        symbols.append(f'<symbol id="{icon}" viewBox="{view_box}">{shapes}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n{}\n</svg>\n'.format("\n".join(symbols)).encode()


def write(files):
    sums = {}
    for path, content in sorted(files.items()):
        target = STATIC / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        sums[path] = hashlib.sha256(content).hexdigest()
    return sums


def main():
    with tempfile.TemporaryDirectory() as folder:
        bootstrap = fetch("bootstrap", "5.3.9", Path(folder))
        icons = fetch("bootstrap-icons", "1.13.2", Path(folder))
    packages = [
        {
            "name": "bootstrap",
            "version": "5.3.9",
            "licence": "MIT",
            "source": "https://www.npmjs.com/package/bootstrap/v/5.3.9",
            "sha256": write({ours: bootstrap[theirs] for theirs, ours in BOOTSTRAP_FILES.items()}),
        },
        {
            "name": "bootstrap-icons",
            "version": "1.13.2",
            "licence": "MIT",
            "source": "https://www.npmjs.com/package/bootstrap-icons/v/1.13.2",
            "sha256": write({"icons.svg": sprite(icons, "1.13.2")}),
        },
    ]
    (STATIC / "vendor" / "vendor.json").write_text(json.dumps(packages, indent=2) + "\n")


if __name__ == "__main__":
    main()
