"""What the room reaches outside: the issuer of machines' tokens."""
