"""What a consultation is made of, without tables, clock or chance."""
