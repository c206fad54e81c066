"""Reload: a transaction that puts fresh generations of plugins into the places of those that serve.

`stages` carries it out, one stage after the other; each of the other modules is one of its parts.
Loaded with the first reload.
"""
