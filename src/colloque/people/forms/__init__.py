"""Forms of people: signing in, and administering."""
