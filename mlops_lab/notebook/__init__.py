"""A notebook's file, tags, parameters and names; nothing here runs a cell."""
