"""Ports: the roles that the world plays for a call."""
