"""Style, script and pictures, served from the packages that ship them: nothing to collect, nothing to forget."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.apps import apps
from starlette.responses import Response
from starlette.staticfiles import StaticFiles


class _Revalidated(StaticFiles):
    """Browsers ask each time and mostly hear 304: after an upgrade nobody keeps yesterday's style sheet."""

    def __init__(self, folders: list[Path]) -> None:
        super().__init__()
        self.all_directories = list(folders)

    def file_response(
        self, full_path: Any, stat_result: os.stat_result, scope: Any, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def static_files() -> StaticFiles:
    """The application to mount at `/static`; Django's applications must be ready."""
    folders = [Path(application.path) / "static" for application in apps.get_app_configs()]
    return _Revalidated([folder for folder in folders if folder.is_dir()])
