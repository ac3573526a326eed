"""What can be observed, and who listens: code observes, the log and the metrics listen."""
