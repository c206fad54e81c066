"""Looking at a host from the outside while it works."""
