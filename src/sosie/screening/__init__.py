"""The one corridor that every message walks down, whichever door it came in by."""
