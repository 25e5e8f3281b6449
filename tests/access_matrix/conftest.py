"""The gateway's rows are opened on a real server, the one of the gateway's own tests."""

from __future__ import annotations

from tests.gateway.conftest import ai, gateway_installation, rows, scene, server

__all__ = ["ai", "gateway_installation", "rows", "scene", "server"]
