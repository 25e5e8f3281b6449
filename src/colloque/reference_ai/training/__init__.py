"""Trains and measures the breast-cytology model: `python -m colloque.reference_ai.training` (needs scikit-learn)."""
