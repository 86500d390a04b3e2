"""A module is one room and a function one thought (ARCHITECTURE §3)."""

import ast
from collections.abc import Mapping

import pytest

from tests.architecture.sources import GENERATED, is_product, product_sources

pytestmark = pytest.mark.no_database

FILE_LINES = 250
FUNCTION_LINES = 40


def long_files(sources: Mapping[str, str]) -> list[str]:
    """Name the files with too many lines."""
    counts = {path: len(source.splitlines()) for path, source in sources.items()}
    return [f"{path}: {lines} lines" for path, lines in counts.items() if lines > FILE_LINES]


def long_functions(sources: Mapping[str, str]) -> list[str]:
    """Name the functions with too many lines, from their first decorator's `def` to the end."""
    return [
        f"{path}:{node.lineno} {node.name}: {lines} lines"
        for path, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]


def undocumented(sources: Mapping[str, str]) -> list[str]:
    """Name the modules that do not say what they are for."""
    return [path for path, source in sources.items() if not (ast.get_docstring(ast.parse(source)) or "").strip()]


def test_files_are_short() -> None:
    """At most 250 lines."""
    assert long_files(product_sources()) == []


def test_functions_are_short() -> None:
    """At most 40 lines."""
    assert long_functions(product_sources()) == []


def test_modules_are_documented() -> None:
    """Each module has a docstring."""
    assert undocumented(product_sources()) == []


def test_generated_migrations_are_left_out() -> None:
    """Alembic writes their functions, which grow with the tables."""
    assert not is_product(f"{GENERATED}0001_initial.py")
    assert is_product("idp/migrations/env.py")


def test_a_long_file_is_found() -> None:
    """The check can fail, at the first line too many."""
    assert long_files({"a.py": "x = 1\n" * 250, "b.py": "x = 1\n" * 251}) == ["b.py: 251 lines"]


@pytest.mark.parametrize("start", ["def f():", "async def f():", "class C:\n def f():"])
def test_a_long_function_is_found(start: str) -> None:
    """The check can fail, in a class and for a coroutine too."""
    assert long_functions({"a.py": start + "\n  pass" * 39}) == []
    assert [fault.split()[1:] for fault in long_functions({"a.py": start + "\n  pass" * 40})] == [["f:", "41", "lines"]]


def test_a_missing_docstring_is_found() -> None:
    """The check can fail; an empty docstring says nothing."""
    assert undocumented({"a.py": "", "b.py": '""" """', "c.py": '"""Say."""'}) == ["a.py", "b.py"]
