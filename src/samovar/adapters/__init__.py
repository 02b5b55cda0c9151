"""Vendors behind the kernel's ports: one module each, imported only when configuration asks for it."""
