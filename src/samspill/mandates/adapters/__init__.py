"""Formats that are read from outside."""
