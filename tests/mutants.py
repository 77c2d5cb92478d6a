"""Does a test notice when a rule is changed? `make mutants` runs mutmut over both rules packages, in a copy under var/.

mutmut passes over decorated functions, and most rules are properties: in the copy each `@property` is written as
`name = property(name)` below its function (`cached_property` needs its name and stays). What survives is argued in SURVIVORS.md
beside the tests.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPY = ROOT / "var" / "mutants"
RULES = ("entitlements/rules", "sla/rules")
TESTS = ("tests/entitlements/rules", "tests/sla/rules", "tests/worked_examples")
CONFIG = """
[tool.mutmut]
source_paths = ["entitlements/rules", "sla/rules"]
pytest_add_cli_args = ["-p", "no:django", "-p", "no:randomly", "-p", "no:cacheprovider", "-x"]
pytest_add_cli_args_test_selection = ["tests"]
also_copy = ["entitlements/__init__.py", "sla/__init__.py", "tests"]
"""


def main() -> int:
    shutil.rmtree(COPY, ignore_errors=True)
    for folder in (*RULES, *TESTS):
        shutil.copytree(ROOT / folder, COPY / folder, ignore=shutil.ignore_patterns("__pycache__"))
        for package in Path(folder).parents:
            (COPY / package / "__init__.py").touch()
    (COPY / "__init__.py").unlink()
    (COPY / "pyproject.toml").write_text(CONFIG)
    for folder in RULES:
        for path in (COPY / folder).glob("*.py"):
            path.write_text(with_plain_properties(path.read_text()))
    mutmut = [sys.executable, "-m", "mutmut"]
    subprocess.run([*mutmut, "run", *sys.argv[1:]], cwd=COPY, check=False)
    return subprocess.run([*mutmut, "results"], cwd=COPY, check=False).returncode


def with_plain_properties(source: str) -> str:
    """The module with each `@property` as an assignment after its function."""
    lines = source.split("\n")
    for node in sorted(_properties(source), key=lambda node: -node.lineno):
        decorator = next(one for one in node.decorator_list if isinstance(one, ast.Name) and one.id == "property")
        indent = " " * node.col_offset
        lines.insert(node.end_lineno or node.lineno, f"{indent}{node.name} = property({node.name})")
        del lines[decorator.lineno - 1]
    return "\n".join(lines)


def _properties(source: str) -> list[ast.FunctionDef]:
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return [
        function
        for function in functions
        if any(isinstance(one, ast.Name) and one.id == "property" for one in function.decorator_list)
    ]


if __name__ == "__main__":
    sys.exit(main())
