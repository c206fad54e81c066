"""Follows the files of plugins: what is saved is reloaded.

`files` says what stands on the disk, `follower` what follows from that, `waiting` when to look
again, and `watch` does it in a thread. Loaded with the first `PluginHost.watch`.
"""
