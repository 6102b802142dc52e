"""One wording in both languages; the language is chosen when something is shown, never before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Language", "Text", "render"]

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in Chinese and English.

    Example:
        >>> Text("{layer}缺失", "{layer} is missing").format(layer=Text("县级行政区", "county"))
        Text(zh='县级行政区缺失', en='county is missing')
    """

    zh: str
    en: str

    def render(self, language: Language) -> str:
        """The wording in one language."""
        return self.zh if language == "zh" else self.en

    def format(self, **values: Any) -> Text:
        """Both wordings with their placeholders filled; a value that is itself a Text is taken in the same language."""
        zh = self.zh.format(**{name: render(value, "zh") for name, value in values.items()})
        en = self.en.format(**{name: render(value, "en") for name, value in values.items()})
        return Text(zh, en)

    def both(self) -> str:
        """Two lines, Chinese first."""
        return f"{self.zh}\n{self.en}"

    def __bool__(self) -> bool:
        """False when there is nothing to say."""
        return bool(self.zh or self.en)


def render(value: Any, language: Language) -> Any:
    """`value` in one language if it is a Text, else `value` as it is."""
    return value.render(language) if isinstance(value, Text) else value
