"""Leaflet and our own page files as text to paste into one HTML file, and the proof that nothing in that file is remote.

Leaflet comes from the installed package `django-js-lib-leaflet` (BSD-2); nothing of it is kept in this repository.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from gis.errors import MissingExtra, WriteError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["leaflet_css", "leaflet_js", "own_script", "own_style", "refuse_remote"]

_SCRIPTS: Final = (
    "core.js", "data.js", "draw.js", "overlay.js", "popup.js", "tree.js", "findings.js", "measure.js", "search.js", "start.js",
)  # fmt: skip
_URL: Final = re.compile(r"url\(\s*['\"]?([^'\")]*)['\"]?\s*\)")
_IMPORT: Final = re.compile(r"@import", re.IGNORECASE)
_LITERAL: Final = re.compile(r"[\"'`]\s*((?:https?:)?//(?!www\.w3\.org/)[\w.{][^\"'`\s]*)")
_CREDIT: Final = ' href="https://leafletjs.com"'
_ICONS: Final = {"iconUrl": "marker-icon.png", "iconRetinaUrl": "marker-icon-2x.png", "shadowUrl": "marker-shadow.png"}
_LOADING: Final = frozenset({"src", "href", "srcset", "poster", "action", "formaction", "background", "xlink:href"})


def _leaflet() -> Traversable:
    try:
        return files("js_lib_leaflet").joinpath("static", "js_lib_leaflet")
    except ModuleNotFoundError:
        raise MissingExtra(
            "缺少离线地图所需的 Leaflet 文件。请执行：pip install django-js-lib-leaflet",
            "The Leaflet files that offline maps need are missing. Run: pip install django-js-lib-leaflet",
        ) from None


@cache
def leaflet_js() -> str:
    """Leaflet's script with its marker images, without the link to its own site (switched off anyway) and to a source map."""
    text = _leaflet().joinpath("leaflet.js").read_text(encoding="utf-8")
    code = re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text).replace(_CREDIT, "")
    icons = {option: _image(f"images/{name}") for option, name in _ICONS.items()}
    return f'{code}\nL.Icon.Default.imagePath = "";\nL.Icon.Default.mergeOptions({json.dumps(icons)});'


@cache
def leaflet_css() -> str:
    """Leaflet's style sheet with its images inside it as data URIs."""
    text = _leaflet().joinpath("leaflet.css").read_text(encoding="utf-8")

    def inside(found: re.Match[str]) -> str:
        if found[1].startswith("#"):
            return found[0]
        return f"url({_image(found[1])})"

    return _URL.sub(inside, text)


def _image(name: str) -> str:
    image = _leaflet().joinpath(*name.split("/")).read_bytes()
    return "data:image/png;base64," + base64.b64encode(image).decode("ascii")


@cache
def own_script() -> str:
    """Our own page scripts, in the order in which they need each other."""
    return "\n".join(_own(name) for name in _SCRIPTS)


@cache
def own_style() -> str:
    """Our own style sheet."""
    return _own("page.css")


def _own(name: str) -> str:
    return (files("gis.present") / "web" / name).read_text(encoding="utf-8")


class _Remote(HTMLParser):
    """Gathers every address that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        for name in _LOADING & values.keys():
            self._see(values[name])
        self._css(values.get("style", ""))
        data = tag == "script" and values.get("type") == "application/json"
        self._inside = tag if tag in {"script", "style"} and not data else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self._css(data)
        elif self._inside == "script":
            self.found += [found[1] for found in _LITERAL.finditer(data)]

    def _css(self, text: str) -> None:
        for found in _URL.finditer(text):
            self._see(found[1])
        if _IMPORT.search(text):
            self.found.append("@import")

    def _see(self, address: str) -> None:
        if address.strip() and not address.strip().startswith(("data:", "#")):
            self.found.append(address)


def refuse_remote(html: str) -> None:
    """Nothing, if the page can be shown without a network and without a file beside it.

    Raises: WriteError with the addresses that it would fetch.

    Example:
        >>> refuse_remote("<img src='data:image/png;base64,AA=='><style>a {fill: url(#p)}</style>")
    """
    parser = _Remote()
    parser.feed(html)
    parser.close()
    if parser.found:
        listed = ", ".join(sorted({each[:120] for each in parser.found})[:5])
        raise WriteError(
            f"离线地图中有需要联网或另附文件的资源：{listed}。请去掉加入地图的在线底图或插件。",
            f"The offline map holds resources that would have to be fetched: {listed}. "
            "Remove the online tiles or plugins that were added to it.",
        )
