"""English dates in the day-month-year order of the other pages: “17 August 2026”, “17 August 2026 at 20:05”."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y \\a\\t H:i"
