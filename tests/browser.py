"""A headless Chromium that has no network, for tests that look at pages."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selenium.webdriver.remote.webelement import WebElement

__all__ = ["appears", "browser", "complaints", "open_page", "requests", "shoot", "soon"]

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def found() -> tuple[str, str] | None:
    """The programs chromium and chromedriver, or None where one of them is missing."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver") or next(
        (
            str(each)
            for each in (Path("/usr/bin/chromedriver"), Path("/usr/lib/chromium/chromedriver"))
            if each.exists()
        ),
        None,
    )
    return (chromium, driver) if chromium and driver else None


@contextmanager
def browser(width: int = 1280, height: int = 800) -> Iterator[webdriver.Chrome]:
    """A driver whose console and requests are recorded; its profile is new and goes with it."""
    programs = found()
    assert programs, "chromium and chromedriver are needed"
    with TemporaryDirectory() as profile:
        options = Options()
        options.binary_location = programs[0]
        for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service(programs[1]))
        try:
            driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
            )
            driver.get("about:blank")  # what Chromium shows by itself is not the page's doing
            for log in ("browser", "performance"):
                driver.get_log(log)
            yield driver
        finally:
            driver.quit()


def open_page(driver: webdriver.Chrome, path: Path) -> None:
    """Opens a saved page and waits until it says that it is ready."""
    driver.get(path.resolve().as_uri())
    soon(driver, lambda: driver.execute_script("return document.documentElement.dataset.ready === 'yes'"))


def soon(driver: webdriver.Chrome, what: Callable[[], Any]) -> Any:
    """The first true answer of `what`: a page takes a while to do what a click asked, longer on a busy machine."""
    return WebDriverWait(driver, 30, poll_frequency=0.05).until(lambda _: what())


def appears(driver: webdriver.Chrome, selector: str) -> WebElement:
    """The first element of the selector, once the page has made it."""
    element: WebElement = soon(driver, lambda: next(iter(driver.find_elements(By.CSS_SELECTOR, selector)), None))
    return element


def complaints(driver: webdriver.Chrome) -> list[str]:
    """What the console said since it was last asked: warnings and errors."""
    return [each["message"] for each in driver.get_log("browser") if each["level"] in {"WARNING", "SEVERE"}]


def requests(driver: webdriver.Chrome) -> list[str]:
    """The addresses asked for since this was last asked, data URIs left out."""
    events: list[dict[str, Any]] = [json.loads(each["message"])["message"] for each in driver.get_log("performance")]
    asked = [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]
    return [url for url in asked if not url.startswith(("data:", "about:"))]


def shoot(driver: webdriver.Chrome, path: Path) -> None:
    """A picture of the window."""
    driver.save_screenshot(str(path))
