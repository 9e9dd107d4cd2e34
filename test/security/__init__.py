"""The security sentences: each test names the number of its sentence. `test_sentences.py` holds the list."""
