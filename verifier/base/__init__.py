"""What everything else is made of: errors, values, strict and canonical encodings, cryptography."""
