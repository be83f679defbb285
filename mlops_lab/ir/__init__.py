"""What shall happen: frozen values, standard library only."""
