"""The pages and the JSON of the room; both are open to everybody."""
