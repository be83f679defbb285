"""The routes, a file a word."""
