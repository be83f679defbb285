"""What did happen: frozen values and the folds over them, standard library only."""
