"""Django's PostgreSQL, on which a page waits for a bounded time."""
