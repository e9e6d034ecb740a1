"""The documents that come with the project, drawn by `draw.py`, and their gold values."""
