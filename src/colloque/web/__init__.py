"""Base templates, components, style and the home of each role."""
