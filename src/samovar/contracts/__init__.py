"""Generated from proto/ by tools/gen_contracts.py. Do not edit by hand."""
