"""What every page visited by a journey must satisfy, and what the browser itself complained of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

SCRIPT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
AT_EACH_LOAD = """
if (window.top === window) {
  document.addEventListener("securitypolicyviolation", (e) =>
    window.colloqueFound([`the policy stopped ${e.blockedURI} (${e.effectiveDirective})`], location.pathname));
  window.addEventListener("load", () => {
    if (document.contentType === "text/html") window.colloqueFound(window.colloqueAudit(), location.pathname);
  });
}
"""


class Audit:
    """Listens to a browser context: each page that loads is examined where it stands."""

    def __init__(self, context: BrowserContext) -> None:
        self.findings: list[str] = []
        self.visited: list[str] = []
        context.expose_function("colloqueFound", self._found)
        context.add_init_script(SCRIPT)
        context.add_init_script(AT_EACH_LOAD)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.findings.append(f"script error: {error.error}"))
        context.on("response", self._answered)

    def _found(self, findings: list[str], path: str) -> None:
        self.visited.append(path)
        self.findings += [f"{path}: {finding}" for finding in findings]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        page = message.page
        about_the_page_itself = page is not None and message.location.get("url") == page.url
        if about_the_page_itself and message.text.startswith("Failed to load resource"):
            return  # a page answered with an error status, which journeys visit on purpose
        self.findings.append(f"console: {message.text} ({message.location.get('url')})")

    def _answered(self, response: Response) -> None:
        if response.status >= 500 and response.status != 503:
            self.findings.append(f"{response.status} from {response.url}")
        is_page = response.request.is_navigation_request() and "text/html" in response.headers.get("content-type", "")
        if is_page and "content-security-policy" not in response.headers:
            self.findings.append(f"no security policy on {response.url}")

    def forgive(self, *words: str) -> None:
        """Take out the findings that hold one of these words: only for what a journey provokes on purpose."""
        self.findings = [finding for finding in self.findings if not any(word in finding for word in words)]


def findings_in_both_schemes(page: Page) -> list[str]:
    """The findings on the page as it stands, in light and in dark."""
    page.wait_for_load_state()  # a heading is there before its style sheet
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=cast(Any, scheme))
        found += [f"{scheme}: {finding}" for finding in page.evaluate("window.colloqueAudit()")]
    page.emulate_media(color_scheme=None)
    return found


def as_lines(findings: Iterable[str]) -> str:
    """Findings for a person to read, each said once."""
    return "\n".join(dict.fromkeys(findings))
