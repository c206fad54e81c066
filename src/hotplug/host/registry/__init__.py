"""Finding plugins by name: search paths, installed distributions, an index; none of them is run."""
