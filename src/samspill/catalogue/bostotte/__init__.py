"""Bostøtte: rules, rates and the public calculation. The rest of the service is data in this folder."""
