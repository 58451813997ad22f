"""What the commands show, as pure functions: facts in, something rich can print out."""
