"""Every text has its English, with the same placeholders (DOMAIN §0.3)."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

pytestmark = pytest.mark.no_database
TRANSLATIONS = Path("idp/translations")
CATALOGUE = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def extracted() -> set[str]:
    """Return every text of the product that is to be translated."""
    with (TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as file:
        parse: Callable[..., Any] = parse_mapping_cfg  # it carries no types
        methods, options = parse(file)
    found: set[str] = set()
    for package in ("idp", "consent", "clients", "config"):
        rows = extract_from_dir(
            ".", methods, options, keywords={**DEFAULT_KEYWORDS, "lazy_gettext": None}, directory_filter=only(package)
        )
        found |= {row[2] if isinstance(row[2], str) else row[2][0] for row in rows}
    return found


def only(package: str) -> Callable[[str], bool]:
    """Return a filter that walks into one package."""
    root = Path.cwd() / package
    return lambda folder: root in [Path(folder), *Path(folder).parents]


def catalogue() -> Catalog:
    """Return the English catalogue."""
    with CATALOGUE.open(encoding="utf-8") as file:
        return read_po(file)


def test_every_text_is_in_english() -> None:
    """Nothing untranslated, nothing fuzzy."""
    english = {str(message.id): message for message in catalogue() if message.id}
    texts = extracted()
    assert len(texts) > 100
    assert sorted(texts - set(english)) == []
    assert [message.id for message in english.values() if not message.string or message.fuzzy] == []


def test_no_translation_is_left_over() -> None:
    """What is not used any more is not kept."""
    assert sorted({str(message.id) for message in catalogue() if message.id} - extracted()) == []


def test_placeholders_are_the_same() -> None:
    """Each English text has the placeholders of the Chinese one, no more and no fewer."""
    different = [
        message.id
        for message in catalogue()
        if sorted(PLACEHOLDER.findall(str(message.id))) != sorted(PLACEHOLDER.findall(str(message.string)))
    ]
    assert different == []


def test_english_holds_no_chinese() -> None:
    """No sign of Chinese is left in an English text, nor full-width punctuation."""
    strange = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
    assert [message.id for message in catalogue() if message.id and strange.search(str(message.string))] == []


def test_the_compiled_catalogue_is_up_to_date() -> None:
    """What the application loads equals what the translators wrote."""
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(file) if message.id}
    assert compiled == {message.id: message.string for message in catalogue() if message.id}
