"""The wheel carries what is tracked, no more and no less, and is whole by itself."""

import subprocess
import sys
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
RESOURCES = ("templates", "static", "translations")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def tracked() -> list[PurePosixPath]:
    asked = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--", "forumreg", *RESOURCES]
    answer = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)
    return [PurePosixPath(name) for name in answer.stdout.split("\0") if name]


def place_in_wheel(path: PurePosixPath) -> str:
    return str(path) if path.parts[0] == "forumreg" else f"forumreg/_resources/{path}"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="an unpacked archive: nothing says what is tracked")
def test_the_wheel_holds_exactly_the_tracked_files(wheel: Path) -> None:
    files = [path for path in tracked() if not path.name.startswith(".")]
    expected = {place_in_wheel(path) for path in files}
    expected |= {place_in_wheel(path.with_suffix(".mo")) for path in files if path.suffix == ".po"}

    with ZipFile(wheel) as archive:
        members = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert members == expected


def test_an_installed_wheel_finds_its_resources(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    subprocess.run([*install, "--target", str(place), str(wheel)], check=True, capture_output=True)
    ask = "from forumreg.base.resources import resource_folder as f; print(f('templates'), f('static'))"

    answer = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=tmp_path,
        env={"PYTHONPATH": str(place)},
        check=True,
        capture_output=True,
        text=True,
    )

    inside = place / "forumreg" / "_resources"
    assert answer.stdout.split() == [str(inside / "templates"), str(inside / "static")]
