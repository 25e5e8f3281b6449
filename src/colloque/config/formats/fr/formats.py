"""French dates: « 17 août 2026 », « 17 août 2026 à 20 h 05 »; no-break spaces around the h."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y à G\u00a0\\h\u00a0i"
