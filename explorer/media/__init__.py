"""What an item is: the contents of rows that are embedded."""
