"""Composition root: settings, addresses, navigation, base templates, commands and the supervisor."""
