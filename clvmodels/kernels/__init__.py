"""Numba only, scalars only: the lift from one customer to many, special functions, quadrature, simulation."""
