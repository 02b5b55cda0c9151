"""Where files are opened: a process of its own with bounded memory and time, and the pool that holds it.

`pool` is the service's side; all else runs in the worker, which alone imports Pillow and PyAV.
"""
