"""What `wasmbind new` makes: a package with its core in AssemblyScript, from the texts in `template/`."""
