"""Small, pure building blocks that every layer may import and that import nothing of ours."""
