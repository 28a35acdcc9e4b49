"""Who is here: login, sessions, assurance level, organisation and roles.

People log in with ID-porten, employees with Ansattporten; there are no passwords of our own. The room does **not**
decide whose case one may see (each room scopes its own queries) and holds no powers of attorney (`mandates`).
"""
