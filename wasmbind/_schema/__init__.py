"""What a binary says about itself."""
