"""The Jupyter Server extension."""
