"""The demos parts that need neither database nor server.' > tests/unit/demo/__init__.py
echo 'The demos world in a database."""
