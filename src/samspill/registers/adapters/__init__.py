"""One module for each register: its wire format in, the normal shape out."""
