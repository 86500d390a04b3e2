"""Who may import whom (ARCHITECTURE §2), as pure functions over source text."""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping

PACKAGES = ("scopes", "config", "clients", "consent", "idp")  # each may import those before it
# Within idp, a part may import its own layer and those before it; a part not named here composes, so it comes last.
IDP_LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"accounts"}),
    frozenset(
        {"acr", "families", "keys", "once", "probes", "releases", "sessions", "sign_in_counts", "sign_ins", "tokens"}
    ),
    frozenset({"logout"}),
    frozenset(
        {
            *("browsers", "certificates", "devices", "errors", "http", "interactions", "mtls"),
            *("languages", "logins", "offers", "principal"),
        }
    ),
    frozenset({"case_letters", "ceremonies", "factor_resets", "integration", "letters", "passwords", "records"}),
    frozenset({"oidc", "pages"}),
)
COMPOSITION = len(IDP_LAYERS)
APART = frozenset({"oidc", "pages"})  # in one layer, yet neither knows the other
ONLY_IN: Mapping[str, str] = {"authlib": "idp/oidc/", "joserfc": "idp/oidc/", "jwt": "idp/keys.py"}
NEVER = frozenset({"bench", "examples", "requests", "tests"})
ACCOUNTS_MAY = frozenset({"config", "scopes", "idp.accounts"})


def imports_of(path: str, source: str) -> Iterator[str]:
    """Give the dotted name of everything that a module imports, wherever in it, relative and by name too."""
    package = path.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            full = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{full}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _imports_by_name(node):
            yield str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else "?"


def _imports_by_name(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return name in {"import_module", "__import__"} and bool(call.args)


def faults(sources: Mapping[str, str]) -> list[str]:
    """Name every import that goes against the rules."""
    return [
        f"{path} imports {name}: {why}"
        for path, source in sources.items()
        for name in imports_of(path, source)
        for why in _why_not(path, name)
    ]


def _why_not(path: str, name: str) -> Iterator[str]:
    top, own = name.partition(".")[0], path.partition("/")[0]
    if top in NEVER:
        yield f"the product does not need {top}"
    elif top in PACKAGES:
        if PACKAGES.index(top) > PACKAGES.index(own):
            yield f"{top} is above {own}"
        elif own == top == "idp":
            yield from _why_not_within_idp(path, name)
    elif own == "scopes" and top not in sys.stdlib_module_names:
        yield "scopes stands on the standard library alone"
    elif top in ONLY_IN and not path.startswith(ONLY_IN[top]):
        yield f"{top} stays in {ONLY_IN[top]}"
    if path.startswith("idp/accounts/") and top in PACKAGES and not _under(name, ACCOUNTS_MAY):
        yield "idp/accounts knows config and scopes only"


def _under(name: str, modules: Iterable[str]) -> bool:
    return any(f"{name}.".startswith(f"{module}.") for module in modules)


def _why_not_within_idp(path: str, name: str) -> Iterator[str]:
    own = path.removesuffix(".py").split("/")[1]
    other = name.split(".")[1] if "." in name else "__init__"
    if other in {own, "__init__"}:
        return
    if layer_of(other) > layer_of(own):
        yield f"idp.{other} is above idp.{own}"
    elif {own, other} == APART:
        yield f"idp.{own} and idp.{other} do not know each other"


def layer_of(part: str) -> int:
    """Give the layer of a part of idp; a part that nobody placed composes."""
    return next((number for number, layer in enumerate(IDP_LAYERS) if part in layer), COMPOSITION)
