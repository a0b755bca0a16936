"""The questions that the explorer answers: one file a question. Pages, the command line and Python ask the same."""
