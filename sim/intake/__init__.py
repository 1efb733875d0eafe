"""Reading the user's own customers: a file, a column mapping, and every row that does not fit."""
