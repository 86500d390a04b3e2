"""The repository holds what belongs to it and nothing of anybody's machine."""

import json

import pytest

from tests.architecture import repository
from tests.architecture.sources import product_sources, repository_texts, tracked_paths

pytestmark = pytest.mark.no_database

DASHES = "-" * 5
HASH = "--hash=sha256:" + "a" * 64
PACKAGE = {"version": "1.0.0", "integrity": "sha512-abc"}


def test_only_expected_entries_and_no_compiled_catalogues() -> None:
    """A new top-level entry is a decision; a compiled catalogue is never tracked."""
    assert repository.unexpected_entries(tracked_paths()) == []
    assert repository.compiled_catalogues(tracked_paths()) == []


def test_no_secrets_and_no_machine_paths() -> None:
    """No file has a private key or a path of the machine it was written on."""
    assert repository.secrets_and_machine_paths(repository_texts()) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_python_locks_are_hashed_and_name_no_registry(name: str) -> None:
    """Whoever installs chooses the registry; the hashes say whether it told the truth."""
    assert repository.lock_faults(repository_texts()[name]) == []


def test_node_locks_are_hashed_and_name_no_registry() -> None:
    """The same for npm."""
    locks = {path: text for path, text in repository_texts().items() if path.endswith("package-lock.json")}
    assert locks
    assert [fault for text in locks.values() for fault in repository.node_lock_faults(text)] == []


def test_templates_suit_the_policy() -> None:
    """No template has inline script or style, event attributes, or unescaped text."""
    templates = {path: text for path, text in repository_texts().items() if "/templates/" in path}
    assert templates
    assert repository.template_faults(templates) == []


def test_nothing_is_marked_as_trusted_html() -> None:
    """No product module builds Markup."""
    assert repository.markup_faults(product_sources()) == []


def test_an_unexpected_entry_is_found() -> None:
    """The check can fail."""
    assert repository.unexpected_entries(["idp/app.py", "notes.txt", "tmp/a", "tmp/b"]) == ["notes.txt", "tmp"]


def test_a_compiled_catalogue_is_found() -> None:
    """The check can fail."""
    assert repository.compiled_catalogues(["a/messages.po", "a/messages.mo"]) == ["a/messages.mo"]


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_a_private_key_is_found(kind: str) -> None:
    """The check can fail for each kind of key; a public key is none."""
    assert repository.secrets_and_machine_paths({"k": f"\n{DASHES}BEGIN {kind}PRIVATE KEY{DASHES}"}) == [
        "k:2: private key"
    ]
    assert repository.secrets_and_machine_paths({"k": f"{DASHES}BEGIN PUBLIC KEY{DASHES}"}) == []


@pytest.mark.parametrize("folder", ["work", "root", "home/mei", "Users/mei"])
def test_a_machine_path_is_found(folder: str) -> None:
    """The check can fail; the same words in a URL or a relative path are none."""
    path = f"/{folder}/main"
    for line in (path, f'"{path}"', f"see {path}.", f"={path}", f"file://{path}"):
        assert repository.secrets_and_machine_paths({"f": line}) == ["f:1: machine path"], line
    for line in (f"https://example.tw{path}", f"tests{path}", f"..{path}"):
        assert repository.secrets_and_machine_paths({"f": line}) == [], line


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("flask==3.1.3\n", "no hash: flask==3.1.3"),
        (f"flask>=3 {HASH}\n", "no hash: flask>=3"),
        (f"flask @ file.whl {HASH}\n", "no hash: flask"),
        ("flask==3.1.3 \\\n    --hash=sha256:abc\n", "no hash: flask==3.1.3"),
        (
            f"--index-url=https://host/simple\nflask==3.1.3 {HASH}\n",
            "names a registry: --index-url=https://host/simple",
        ),
        ("# from https://host/simple\n", "names a registry: # from https://host/simple"),
    ],
)
def test_a_faulty_lock_is_found(text: str, fault: str) -> None:
    """The check can fail for each fault."""
    assert fault in repository.lock_faults(text)


def test_a_good_lock_passes() -> None:
    """Continued lines, markers and several hashes are usual."""
    text = f"a==1.0 \\\n    {HASH} \\\n    {HASH}\nb-c==2 ; sys_platform == 'win32' \\\n    {HASH}\n"
    assert repository.lock_faults(text) == []


def test_a_faulty_node_lock_is_found() -> None:
    """The check can fail for both faults; the root entry is the project itself."""
    packages = {
        "": {},
        "good": PACKAGE,
        "bare": {"version": "1"},
        "told": {**PACKAGE, "resolved": "https://host/x.tgz"},
    }
    found = repository.node_lock_faults(json.dumps({"packages": packages}))
    assert found == ["no hash: bare", "names a registry: told"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<script>go()</script>", "inline script"),
        ('<SCRIPT type="module">', "inline script"),
        ('<script src="https://elsewhere/x.js">', "inline script"),
        ("<p style='color: red'>", "inline style"),
        ('{{ field(style="x") }}', "inline style"),
        ("<style>p {}</style>", "inline style"),
        ('<body onload="go()">', "event attribute"),
        ('{{ button(class="b", onclick="go()") }}', "event attribute"),
        ("<form\nonsubmit = 'go()'>", "event attribute"),
        ("{{ text|safe }}", "unescaped"),
        ("{{ text | safe }}", "unescaped"),
        ("{% autoescape false %}", "unescaped"),
    ],
)
def test_a_faulty_template_is_found(text: str, what: str) -> None:
    """The check can fail for each fault."""
    assert [fault.split(": ")[1] for fault in repository.template_faults({"t.html": text})] == [what]


@pytest.mark.parametrize(
    "text",
    [
        "<script src=\"{{ url_for('static', filename='form-post.js') }}\" defer></script>",
        '<link rel="stylesheet" href="site.css">',
        "{% set once = 1 %}{% set only = 2 %}",
        "{# <script> is not allowed here, nor |safe #}",
        "<p>{{ text }} safe</p>",
        "{% if once == only %}{{ moon }}{% endif %}",
        '<script\n  src="x.js"></script>',
    ],
)
def test_a_good_template_passes(text: str) -> None:
    """The check does not forbid what the policy allows."""
    assert repository.template_faults({"t.html": text}) == []


@pytest.mark.parametrize(
    "source",
    [
        "from markupsafe import Markup\nx = Markup(y)",
        "import markupsafe\nx = markupsafe.Markup(y)",
        "from markupsafe import Markup as M\nx = M(y)",
    ],
)
def test_trusted_html_is_found(source: str) -> None:
    """The check can fail, under each name; asking whether something is Markup is no fault."""
    assert repository.markup_faults({"a.py": source}) == ["a.py:2"]
    assert repository.markup_faults({"a.py": "from markupsafe import Markup\nisinstance(x, Markup)"}) == []
