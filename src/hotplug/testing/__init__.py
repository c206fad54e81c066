"""For those who test plugins."""
