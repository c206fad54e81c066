"""What hotplug costs beside hand-written code and the peers, as ratios.

``python -m benchmarks`` prints the table.
"""
