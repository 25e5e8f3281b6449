"""RFC 6962 in the C2SP formats, pure."""
