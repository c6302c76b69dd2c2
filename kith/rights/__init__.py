"""A person's rights over their data: access, rectification, restriction, erasure.

`finding` tells where something is held, `access` releases a copy of it, `remedies` has it
corrected, restricted or erased; `acting` is what all cases have in common.
"""
