"""The files that the checks read: the product's modules, and what git has or would take."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("scopes", "config", "clients", "consent", "idp")
GENERATED = "idp/migrations/versions/"


def product_sources() -> dict[str, str]:
    """Give the text of every product module by its path from the root; generated migrations are not written by hand."""
    return {path: text for path, text in repository_texts().items() if is_product(path)}


def is_product(path: str) -> bool:
    """Whether a path is a module of the product, written by hand."""
    return path.endswith(".py") and path.partition("/")[0] in PRODUCT and not path.startswith(GENERATED)


def repository_paths() -> list[str]:
    """Give the paths that are tracked or new and not ignored, so a fault shows before it is committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(path for path in set(listed.split("\0")) if path and (ROOT / path).is_file())


def repository_texts() -> Mapping[str, str]:
    """Give every text file of the repository by its path; what is not UTF-8 is a picture or the like."""
    texts = {}
    for path in repository_paths():
        try:
            texts[path] = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return texts


def tracked_paths() -> list[str]:
    """Give the paths that git tracks."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in listed.split("\0") if path]
