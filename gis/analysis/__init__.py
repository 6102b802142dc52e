"""Formulas: what follows from the data. They know no rule, no target and no wording.

- `quantities`      the polygons and areas of a plan, made once per plan
- `land_accounts`   area by class, construction land, urban construction land, expansion multiple
- `urban_system`    primacy and rank-size of towns
"""
