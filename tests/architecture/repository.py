"""What may lie in the repository, as pure functions over paths and texts."""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

TOP_LEVEL = frozenset(
    {
        ".ci",
        ".gitignore",
        "CHANGELOG.md",
        "DECISIONS.md",
        "Makefile",
        "README.md",
        "README.zh-TW.md",
        "bench",
        "clients",
        "config",
        "consent",
        "docs",
        "examples",
        "idp",
        "pyproject.toml",
        "requirements-dev.lock",
        "requirements.lock",
        "scopes",
        "tests",
    }
)
MARKUP_ALLOWED: frozenset[str] = frozenset()  # files that may turn text into trusted HTML: none
PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")
MACHINE_PATH = re.compile(r"(?<![\w.~}-])/(?:work|root|home/\w+|Users/\w+)/")
REQUIREMENT = re.compile(r"^[A-Za-z0-9][\w.-]*(?:\[[\w,.-]+\])?==")
REGISTRY = re.compile(r"https?:|//|--(?:extra-)?index-url|--find-links|-f\s| @ ")
SCRIPT = re.compile(r"<script\b(?![^>]*\ssrc=[\"'](?!https?:|//))", re.IGNORECASE)
STYLE = re.compile(r"<style\b|(?:^|[\s\"',(])style\s*=(?!=)", re.IGNORECASE)
HANDLER = re.compile(r"(?:^|[\s\"',(])on[a-z]{3,}\s*=(?!=)", re.IGNORECASE)
UNESCAPED = re.compile(r"\|\s*safe\b|\{%-?\s*autoescape\s+false")
# Comments are not sent, and a variable may be called `once`.
HARMLESS = re.compile(r"\{#.*?#\}|\{%-?\s*(?:set|with)\b.*?%\}", re.DOTALL)


def unexpected_entries(paths: Iterable[str]) -> list[str]:
    """Name the top-level files and folders that nobody planned."""
    return sorted({path.split("/")[0] for path in paths} - TOP_LEVEL)


def compiled_catalogues(paths: Iterable[str]) -> list[str]:
    """Name the compiled catalogues, which are made at set-up."""
    return [path for path in paths if path.endswith(".mo")]


def secrets_and_machine_paths(texts: Mapping[str, str]) -> list[str]:
    """Name the lines with a private key's header or a path of somebody's machine."""
    return [
        f"{path}:{number}: {what}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in (("private key", PRIVATE_KEY), ("machine path", MACHINE_PATH))
        if pattern.search(line)
    ]


def lock_faults(text: str) -> list[str]:
    """Name the requirements without a hash, and any line that names a registry."""
    lines = text.replace("\\\n", " ").splitlines()
    unhashed = [line for line in lines if line and line[0] not in "# " and not _is_hashed(line)]
    named = [line.strip() for line in lines if REGISTRY.search(line.split("--hash")[0])]
    return [
        *(f"no hash: {line.split()[0]}" for line in unhashed),
        *(f"names a registry: {line[:80]}" for line in named),
    ]


def _is_hashed(line: str) -> bool:
    return bool(REQUIREMENT.match(line) and re.search(r"--hash=sha256:[0-9a-f]{64}\b", line))


def node_lock_faults(text: str) -> list[str]:
    """Name the packages of a package-lock.json without a hash, and those that say where they came from."""
    packages: dict[str, dict[str, Any]] = json.loads(text)["packages"]
    installed = {name: package for name, package in packages.items() if name}
    unhashed = [name for name, package in installed.items() if not package.get("integrity", "").startswith("sha512-")]
    named = [name for name, package in installed.items() if "resolved" in package]
    return [*(f"no hash: {name}" for name in unhashed), *(f"names a registry: {name}" for name in named)]


def template_faults(templates: Mapping[str, str]) -> list[str]:
    """Name what the Content-Security-Policy would block, or what would leave text unescaped, in a template."""
    checks = {"inline script": SCRIPT, "inline style": STYLE, "event attribute": HANDLER, "unescaped": UNESCAPED}
    return [
        f"{path}:{sent.count(chr(10), 0, found.start()) + 1}: {what}"
        for path, text in templates.items()
        for sent in [HARMLESS.sub(_blank, text)]
        for what, pattern in checks.items()
        for found in pattern.finditer(sent)
    ]


def _blank(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def markup_faults(sources: Mapping[str, str]) -> list[str]:
    """Name the places that turn text into trusted HTML, under whatever name they import Markup."""
    return [
        f"{path}:{line}"
        for path, source in sources.items()
        if path not in MARKUP_ALLOWED
        for line in _markup_lines(ast.parse(source))
    ]


def _markup_lines(tree: ast.AST) -> Iterator[int]:
    names = {"Markup"}
    imported = [alias for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    names |= {alias.asname for alias in imported if alias.name == "Markup" and alias.asname}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in names:
            yield node.lineno
