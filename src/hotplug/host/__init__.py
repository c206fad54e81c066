"""Plugins as processes of a small operating system."""
