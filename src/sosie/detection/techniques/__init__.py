"""The ways of pretending to be somebody, one file each."""
