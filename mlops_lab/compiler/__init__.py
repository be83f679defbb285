"""Cells become a pipeline, a pipeline becomes a plan; nothing here runs a cell."""
