"""Django's PostgreSQL, with connections that forget who acted before another request is given them: see `base`."""
