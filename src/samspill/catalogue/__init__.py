"""The services themselves: data, rules and texts, one folder each. Nothing else in the house names them."""
