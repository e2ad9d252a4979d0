"""The door for Users: Service Requests come in over HTTP and are answered at once (`domain.md` 13.1)."""
