"""The schema, in steps. A step is never edited once released; the next one changes what it made.

Each step is two SQL files, NNNN_name.sqlite.sql and NNNN_name.postgresql.sql, whose statements end in a line with a
lone semicolon at the end. A step says with which older step's code it can still be used: a process of the version
before goes on reading and writing correctly while and after the step runs, so processes restart in any order.
"""
