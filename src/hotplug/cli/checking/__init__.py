"""What is wrong with a plugin, told from its files: none of its code is run."""
