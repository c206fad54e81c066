"""Limits: how much a plugin may hold, and how long it may take. Loaded where a project sets some.

`table` says what limits there are, `setting` what a project sets; `quota` and `emissions` enforce,
`deadline` watches calls, and `report` tells how things stand.
"""
