"""The house stays as it was drawn: small files, short functions, plain names, one thing in one place."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES, FUNCTION_LINES = 230, 45
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
BROAD = {"Exception", "BaseException"}


def files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(module: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imported(module: ast.AST) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def caught(module: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every error that an `except` names; an empty one catches BaseException."""
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler):
            named = [part for part in ast.walk(node.type) if isinstance(part, ast.Name)] if node.type else []
            yield from ((node.lineno, part.id) for part in named)
            if node.type is None:
                yield node.lineno, "BaseException"


OURS = files("src", "tasks", "flows", "serving")
TESTS = [path for path in files("tests") if path.name.startswith("test_")]
LONGER_FUNCTIONS = {
    "upgrade": "a migration is one list of tables",
}
SEE_EVERYTHING = {
    ("src/evertopic/storage/store/opening.py", "BaseException"),  # gives the connections back, and raises it again
    ("src/evertopic/storage/segments.py", "BaseException"),  # lets go of what was half taken, and raises it again
    ("src/evertopic/storage/registry/runs.py", "BaseException"),  # marks the run as failed, and raises it again
    ("src/evertopic/cli/border.py", "Exception"),  # the border of the program: what gets there is a bug, and told
}


def test_there_is_something_to_look_at() -> None:
    """The folders are where this test looks for them."""
    assert len(OURS) > 80
    assert len(TESTS) > 30


@pytest.mark.parametrize("path", OURS, ids=shown)
def test_files_are_short(path: Path) -> None:
    """No file of the project is longer than 230 lines, no function longer than 45."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES
    long = {node.name: node.end_lineno - node.lineno + 1 for node in functions(tree(path)) if node.end_lineno}
    assert {name: lines for name, lines in long.items() if lines > FUNCTION_LINES}.keys() <= LONGER_FUNCTIONS.keys()


def test_names_say_what_is_inside() -> None:
    """No module, package or class is called after nothing in particular."""
    modules = [shown(path) for path in OURS if VAGUE & set(path.relative_to(ROOT).with_suffix("").parts)]
    classes = [node.name for path in OURS for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    assert modules == []
    assert [name for name in classes if name.lower().endswith(("manager", "helper", "utils"))] == []


def test_the_library_knows_nothing_of_prefect() -> None:
    """No file of the library imports Prefect, flows or tasks, at the top or inside a function."""
    foreign = {"prefect", "flows", "tasks", "serving", "dashboard"}
    assert [shown(p) for p in files("src") if foreign & {name.split(".")[0] for name in imported(tree(p))}] == []


def test_nothing_swallows_every_error() -> None:
    """No `except` catches everything, but at the two places that must see every end."""
    broad = {(shown(path), name) for path in OURS for _, name in caught(tree(path)) if name in BROAD}
    assert broad <= SEE_EVERYTHING


def test_every_test_says_what_it_proves() -> None:
    """Every test function of the suite has a docstring."""
    silent = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in TESTS
        for node in functions(tree(path))
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_task_is_named_and_keeps_out_of_the_cache() -> None:
    """Every task has a name that people read in the UI, and none lets Prefect hash or keep what it takes."""
    for path in files("tasks"):
        for node in functions(tree(path)):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "task":
                    given = {word.arg: ast.unparse(word.value) for word in mark.keywords}
                    assert given.get("cache_policy") == "NO_CACHE", f"{shown(path)} {node.name}"
                    assert given.get("task_run_name"), f"{shown(path)} {node.name}"
