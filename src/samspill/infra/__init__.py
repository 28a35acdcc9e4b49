"""The Django-bound ground: embedded database, event log, access log, jobs, files, clock, HTTP, PDF."""
