"""What plugins keep for as long as they are installed: folders, and a small store."""
