"""A day of interviews against the pure planner, and against the rules that others scale by."""
