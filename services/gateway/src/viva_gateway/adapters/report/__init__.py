"""Reports as pages: `page` says what stands on one, `html` and `pdf` draw it, `texts` holds the words."""
