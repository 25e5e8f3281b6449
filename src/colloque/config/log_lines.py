"""What the server's log never holds: the secrets of links, which stand in the path of their pages."""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(r"(/people/(?:invitation|access)/|/accounts/password/reset/key/)[^/\s?#'\"]+")


class WithoutSecrets(logging.Filter):
    """Takes the secret of an invitation, an access link or a password link out of every line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: the line stays, without the secret."""
        line = record.getMessage()
        told = _SECRET.sub(r"\1…", line)
        if told != line:
            record.msg, record.args = told, ()
        return True
