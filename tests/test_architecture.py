"""Who may import whom, what the package weighs, and how long its files may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "clvmodels"
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in FILES]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def statements(node: ast.AST, *, types: bool) -> list[ast.AST]:
    """All nodes below one, with or without what only a type checker reads."""
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(node):
        if types or not for_types_only(child):
            found += [child, *statements(child, types=types)]
    return found


def imported(path: Path, *, types: bool = False) -> set[str]:
    """Modules that a file imports, those of the package without its name."""
    names: set[str] = set()
    for node in statements(tree(path), types=types):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            if node.module == "clvmodels":
                names |= {f"clvmodels.{alias.name}" for alias in node.names}
    return {name.removeprefix("clvmodels.") for name in names if name.startswith("clvmodels.")}


def parts(path: Path, *, types: bool = False) -> set[str]:
    """The parts of the package that a file imports: the first name of each module."""
    return {name.partition(".")[0] for name in imported(path, types=types)}


def inside(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).glob("*.py"))


@pytest.mark.parametrize("path", inside("kernels"), ids=lambda p: p.name)
def test_kernels_know_nothing_but_kernels(path: Path) -> None:
    assert parts(path, types=True) <= {"kernels", "errors"}


@pytest.mark.parametrize("path", [p for p in inside("models") if p.name != "__init__.py"], ids=lambda p: p.name)
def test_models_know_the_contract_and_no_other_model(path: Path) -> None:
    assert parts(path, types=True) <= {"contract", "errors", "histories", "kernels", "parameters", "priors"}


@pytest.mark.parametrize("path", inside("inference"), ids=lambda p: p.name)
def test_methods_see_the_objective_only(path: Path) -> None:
    assert parts(path, types=True) <= {"objective", "inference", "errors", "kernels", "progress", "heavy", "node", "psis"}


ANSWERING = [
    path
    for folder in ("questions", "economics", "contracts", "grouping", "following", "streaming")
    for path in inside(folder)
]


@pytest.mark.parametrize(
    "path",
    [*ANSWERING, *(PACKAGE / f"{name}.py" for name in ("fitted", "estimate", "histories", "objective", "customers"))],
    ids=lambda p: p.name,
)
def test_questions_know_no_model_and_no_method(path: Path) -> None:
    assert not parts(path, types=True) & {"models", "inference"}


def test_fitting_knows_the_default_method_and_that_which_chooses() -> None:
    known = imported(PACKAGE / "fitting.py")
    assert {name for name in known if name.startswith("inference")} == {"inference.laplace", "inference.point"}
    assert not any(name.startswith("models") for name in known)


@pytest.mark.parametrize("path", [*inside("evaluate"), PACKAGE / "stacking.py"], ids=lambda p: p.name)
def test_evaluation_names_no_model_and_no_method(path: Path) -> None:
    assert not parts(path, types=True) & {"models", "inference"}


@pytest.mark.parametrize("path", [*inside("plots"), PACKAGE / "notebook.py"], ids=lambda p: p.name)
def test_displays_name_no_model_and_no_method(path: Path) -> None:
    assert not parts(path, types=True) & {"models", "inference"}


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name != "plots"], ids=lambda p: p.name)
def test_nothing_stands_on_displays(path: Path) -> None:
    """But the list of public names."""
    assert path.name == "__init__.py" or not any(name.startswith("plots") for name in imported(path))


@pytest.mark.parametrize("path", inside("data"), ids=lambda p: p.name)
def test_data_know_no_fit(path: Path) -> None:
    strangers = {"models", "inference", "fitted", "fitting", "economics", "estimate", "kernels", "contract"}
    assert not parts(path, types=True) & strangers


HEAVY = ("pymc", "matplotlib", "arviz", "numba", "scipy.stats", "pyspark", "jinja2", "rich")


def test_the_import_loads_nothing_heavy() -> None:
    code = f"import sys, clvmodels; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


def test_fitting_and_valuing_load_no_sampler_and_no_plots() -> None:
    code = (
        "import sys, clvmodels as clv\n"
        "c = clv.Customers.from_arrays([2, 0], [20, 0], [30, 30], unit='week', monetary_value=[12, 0], first_value=[5, 6])\n"
        "fit = clv.fit(clv.BGNBD(), c, clv.MAP()); spend = clv.GammaGamma().at(p=6, q=4, v=15)\n"
        "clv.value(fit, spend, horizon=52, discount=clv.yearly(0.1)).frame()\n"
        "print([name for name in ('pymc', 'matplotlib', 'arviz', 'pyspark', 'jinja2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_files_are_short_and_say_what_they_are(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert ast.get_docstring(tree(path)), "a module says what it is"


def called(path: Path) -> set[str]:
    """The functions that a file calls by a bare name."""
    calls = [node.func for node in statements(tree(path), types=True) if isinstance(node, ast.Call)]
    return {function.id for function in calls if isinstance(function, ast.Name)}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_nothing_runs_what_it_reads(path: Path) -> None:
    assert not called(path) & {"eval", "exec", "compile"}


@pytest.mark.parametrize("path", [PACKAGE / "contract.py", *inside("models"), *inside("inference")], ids=lambda p: p.name)
def test_models_and_methods_are_abstract_or_final(path: Path) -> None:
    assert not called(path) & {"super", "hasattr"}


def test_no_import_goes_in_a_circle() -> None:
    """At the top of the modules: an import inside a function is a door left open on purpose, and says why."""
    graph = {}
    for path in FILES:
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        tops = ast.Module([node for node in tree(path).body if not for_types_only(node)], [])
        found = {node.module for node in tops.body if isinstance(node, ast.ImportFrom) and node.module}
        graph[name] = {module.removeprefix("clvmodels.") for module in found if module.startswith("clvmodels.")}

    def reach(name: str, road: tuple[str, ...]) -> None:
        assert name not in road, f"circle: {' -> '.join((*road, name))}"
        for following in graph.get(name, ()):
            reach(following, (*road, name))

    for name in graph:
        reach(name, ())
