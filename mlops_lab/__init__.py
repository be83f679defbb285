"""A tagged notebook runs as a cached, tracked pipeline, exactly as the notebook."""

__version__ = "0.1.0"
