"""The pure part of the room: the format of a package and its evaluation for one application."""
