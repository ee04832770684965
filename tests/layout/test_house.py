"""What a newcomer is promised about the repository itself."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for path in (ROOT / "forumreg").rglob("*.py") if "migrations" not in path.parts)


def test_make_alone_lists_the_targets() -> None:
    answer = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True)

    listed = [line.split()[1] for line in answer.stdout.splitlines() if line.startswith("  make ")]
    assert listed == ["demo", "test", "check", "fmt", "lock", "catalogues", "wheel", "clean"]


def test_the_guard_of_main_runs_what_the_readme_names() -> None:
    guard = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [word for word in ("make demo", "make test") if word not in readme] == []
    assert re.search(r"^make check\n.*FORUMREG_REQUIRE=postgres,browser\n.*make .*test$", guard, re.M | re.S)


def test_a_file_is_a_sitting() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in MODULES}

    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_a_function_fits_the_eye() -> None:
    assert [place for path in MODULES for place in long_functions(path)] == []


def long_functions(path: Path) -> Iterator[str]:
    """Functions of more than sixty lines, with their place."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > 60:
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines} lines"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="an unpacked archive: nothing says what is tracked")
def test_no_file_names_a_machine_or_an_index() -> None:
    words = "|".join(("/" + "opt/", "/" + "work/", "/" + "root/", "find" + "-links =", "pypi" + r"\.org"))

    asked = ["git", "-c", "safe.directory=*", "grep", "-I", "-n", "-E", words]
    answer = subprocess.run(asked, cwd=ROOT, check=False, capture_output=True, text=True)

    assert answer.stdout == ""
