"""The door of mail that lies still: mailboxes and archives, read in pieces and judged on every core."""
