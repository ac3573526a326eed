"""The milter door: the mail server asks about each message before it takes it, and does what it is told."""
