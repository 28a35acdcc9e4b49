"""Shared services as data: read, check, version, publish, and settings per municipality.

A service package is a folder that describes one service completely: what is asked, why, of whom, what
decides, what the letters say. This room reads it strictly, evaluates it for one application, freezes what
is published and keeps what each municipality has set within the limits of the package. It does not hold
cases, fetch from registers or send anything.
"""
