"""What tools/deploy_check.py is made of: one module for each kind of file under deploy/.

A check is a function of a source tree and the program it needs. It yields problems, each a line for a
person; none means that all is well. It never changes the tree, so that tests can hand it a copy with a fault.
"""
