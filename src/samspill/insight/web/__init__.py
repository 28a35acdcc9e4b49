"""The public pages, the pictures that can be embedded, and the open data."""
