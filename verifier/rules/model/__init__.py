"""What all rules speak in: results over time, scopes, the calendar, questions, and the record that they read."""
