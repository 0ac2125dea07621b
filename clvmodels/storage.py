"""Fits in files: a zip of arrays and one JSON text, so that nothing in it can run; written aside and renamed."""
