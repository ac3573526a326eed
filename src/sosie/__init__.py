"""sosie: the impersonation registry for mail that you run yourself."""

__version__ = "0.1.0"
