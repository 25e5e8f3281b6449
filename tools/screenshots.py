"""Take the pictures of the README from the demonstration, in Debian's Chromium: `python -m tools.screenshots`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTH, HEIGHT = 1100, 1000
SECONDS_TO_START = 300


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_demo(port: int, state: str) -> subprocess.Popen[str]:
    """The demonstration in its own state, ready. Raises `SystemExit` with what it printed when it does not come up."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "colloque", "demo", "--port", str(port)],
        env={**os.environ, "COLLOQUE_STATE_DIR": state, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed = []
    for line in process.stdout or ():
        printed.append(line)
        if "Ctrl-C" in line:
            return process
    raise SystemExit("The demonstration did not start:\n" + "".join(printed))


def page_as(browser: Browser, address: str, entry: str) -> Page:
    """A French page, signed in as somebody of the story unless `entry` is empty."""
    page = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale="fr-FR", color_scheme="light", reduced_motion="reduce"
    ).new_page()
    if entry:
        page.goto(f"{address}/demo/enter/{entry}/")
    return page


def take(page: Page, name: str, *, whole: bool = False) -> None:
    """One picture in docs/images."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)
    sys.stdout.write(f"docs/images/{name}.png\n")


def main() -> int:
    """Take the three pictures."""
    if not Path(CHROMIUM).exists():
        raise SystemExit("Debian's chromium is needed: apt-get install chromium")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="colloque-pictures-", ignore_cleanup_errors=True) as state:
        process = start_demo(port, state)
        try:
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                address = f"http://127.0.0.1:{port}"
                nurse = page_as(browser, address, "nurse")
                nurse.goto(f"{address}/acts/")
                nurse.locator("a.button", has_text="Décider").first.click()
                nurse.set_viewport_size({"width": WIDTH, "height": 1500})
                take(nurse, "decision")
                jeanne = page_as(browser, address, "patient")
                jeanne.goto(f"{address}/my/choices/cytology-reading/")
                take(jeanne, "choices")
                visitor = page_as(browser, address, "")
                visitor.goto(f"{address}/e/hopital-de-la-vallee/charter/")
                take(visitor, "charter")
                browser.close()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
