"""Makes the parts of the docs that the code's own tables know: the pictures, the tables of keys.

``python -m docs_from_code`` writes them anew; a test holds that they stand in the docs as they are
made. What is written by hand is none of its business.
"""
