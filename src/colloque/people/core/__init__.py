"""Pure rules of people: links that open once, identifiers, and the public keys of client systems."""
