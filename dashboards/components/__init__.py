"""Parts of pages. The modules here serve several pages; each subpackage serves one.

Start with ``shell`` (the frame around every page) and ``case_table``. ``static_markup`` explains how a page of
thousands of elements stays fast; ``chart`` and ``drawing`` are the two ways to show a figure.
"""
