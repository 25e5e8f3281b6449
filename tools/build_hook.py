"""Compiles the catalogues before the package is built, so that an installation speaks without tools of ours."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface[Any]):
    """Hatchling's custom hook; `*.mo` are declared as artifacts in pyproject.toml."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile what is stale, for a wheel as for an editable installation."""
        sys.path.insert(0, self.root)
        try:
            from tools.messages import compile_stale
        finally:
            sys.path.remove(self.root)
        compile_stale(Path(self.root) / "src" / "colloque")
