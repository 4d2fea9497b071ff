"""The package as it is shipped: its version, and its types."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = PROJECT["tool"]["hatch"]["build"]["packages"]


def test_every_package_of_the_wheel_says_that_it_is_typed(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT, check=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(ZipFile(wheel).namelist())
    tops = {name.partition("/")[0] for name in names if name.endswith("/__init__.py")}
    assert tops == set(PACKAGES)
    assert {f"{package}/py.typed" for package in PACKAGES} <= names


def test_the_version_is_that_of_the_installed_package() -> None:
    ended = subprocess.run([sys.executable, "-m", "web.cli", "--version"], capture_output=True, text=True, check=True)
    assert ended.stdout == f"{PROJECT['project']['version']}\n"
