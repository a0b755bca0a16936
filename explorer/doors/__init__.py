"""Who asks from outside: the command line."""
