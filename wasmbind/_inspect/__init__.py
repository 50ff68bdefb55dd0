"""What `wasmbind inspect` tells about a binary. Everything is read from the file; nothing of it is executed."""
