"""Tables of Unicode's data that a program has written."""
