"""Samspill: the platform on which state and municipalities decide and deliver together."""
