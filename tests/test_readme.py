"""The README's tour runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # what pandas 3 says to ArviZ 0.23
def test_the_tours_run(capsys: object) -> None:  # noqa: ARG001  (what it prints is for readers)
    scope: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(block, scope)  # noqa: S102  (our own text)
    assert len(scope["worth"].frame()) == 23_570  # type: ignore[attr-defined]
