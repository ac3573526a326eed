"""Entries and their rules: what may stand in the registry. Pure; knows neither SQL nor the wire."""
