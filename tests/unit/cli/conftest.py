import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CONFIG = """
name: demo
source: {kind: csv, path: texts.csv}
"""
TEXTS = (
    "text\n" + "\n".join(f"document number {n} tells of fires and smoke over the hills" for n in range(9)) + '\n""\n'
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with one config, nothing trained; its flows are fakes, and the environment is given back."""
    root = tmp_path / "project"
    (root / "configs").mkdir(parents=True)
    (root / "flows").mkdir()
    (root / "prefect.yaml").write_text("name: test\n")
    (root / "configs" / "demo.yaml").write_text(CONFIG)
    (root / "texts.csv").write_text(TEXTS)
    monkeypatch.chdir(root)
    before, path = dict(os.environ), list(sys.path)
    # The real flows may have been imported by other tests of this session.
    modules = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in {"flows", "tasks"}}
    yield root
    for name in [name for name in sys.modules if name.split(".")[0] in {"flows", "tasks"}]:
        del sys.modules[name]
    sys.modules.update(modules)
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def fake_flow(project: Path) -> Path:
    """The file of the flow that the project's command will run; write into it what it shall do."""
    (project / "flows" / "__init__.py").write_text("")
    return project / "flows" / "train.py"
