"""Where people and machines are told of flagged messages: a file, a syslog server, a webhook."""
