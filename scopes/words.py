"""A text in both languages, for names that the domain gives (DOMAIN §8)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Chinese first, English second."""

    zh: str
    en: str

    def text(self, language: str) -> str:
        """Return the text of a language tag."""
        return self.en if language == "en" else self.zh
