"""The person cared for: situations, choices about AI, and a journal of what AI did."""
