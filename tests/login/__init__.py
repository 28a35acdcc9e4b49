"""Login against providers that we have not written ourselves, and against one that lies."""
