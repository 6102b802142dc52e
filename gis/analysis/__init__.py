"""Formulas: arrays or data frames in, values out; they know no plan, no rule and no wording.

- `land_accounts`   area by class, construction land, urban construction land, expansion multiple
"""
