"""The pages of the room `settlement`: parse and render, nothing more."""
