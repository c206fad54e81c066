"""Runs the suites of pluggy and of what is built on it, with stock pluggy and with hotplug.

The suites are run unmodified, from their source distributions. On the hotplug side, pytest itself
runs on hotplug, and so do the Python processes that a suite starts. This is not a part of the
tests: it needs the network and some minutes.
"""
