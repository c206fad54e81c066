"""Settings: what a plugin lets be set, checked before it does anything with it."""
