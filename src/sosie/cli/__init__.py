"""What a person types; reads arguments, prints."""
