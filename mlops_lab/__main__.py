"""`python -m mlops_lab` is `mlops`."""

from mlops_lab.cli import main

if __name__ == "__main__":
    main()
