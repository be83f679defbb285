"""The scheduling loop, home, and what runs inside their kernels."""
