"""Where real data for tests lies, if it is on this machine."""

from __future__ import annotations

import os
from pathlib import Path

SHARED = Path(os.environ.get("COLLOQUE_SHARED", Path(__file__).resolve().parents[1].parent / "shared"))
