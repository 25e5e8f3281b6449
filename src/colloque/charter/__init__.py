"""The charter: which AI may take part in care, in words anyone reads and in Cedar the machine enforces."""
