"""The words of the command line and of the magic, written once.

Each command parses, calls one verb of one service, and gives an Answer; the surface shows it.
"""
