"""The pure part of the room: no Django, no clock, no I/O; time and facts come in as arguments."""
