"""Where the room meets the outside: the OpenID providers and our own key file."""
