"""What comes in and goes out, as JSON: the shapes that /docs shows. Examples there are tried by a test."""
