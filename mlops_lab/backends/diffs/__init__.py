"""How code differs from other code."""
