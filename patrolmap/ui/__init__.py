"""The map app: every page asks, calls one workflow function, and shows."""
