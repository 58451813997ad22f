"""Tasks: one file, one artefact. Each reads refs, calls the library, writes, and returns a ref."""
