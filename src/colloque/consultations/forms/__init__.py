"""Forms of consultations, by question: short, each with defaults that hold."""
