"""The report of a valuation for those who decide: one HTML file, and a csv with every customer beside it.

A report is a list of sections (``SECTIONS`` of `clvmodels.reporting.making`); each is a function that asks the same public
questions as anybody would, and puts the answers into sentences, tables and pictures. Every number stands in a ``<data>``
element with its full value and where it comes from, ``data-of="table:row:column"``, so that a program can hold it against
the answer.
"""
