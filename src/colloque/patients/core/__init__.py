"""Pure rules of choices and situations."""
