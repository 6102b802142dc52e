"""Formulas: what follows from the data. They know no rule, no target and no wording.

Ground and figures
- `quantities`      the polygons and areas of a plan, made once per plan
- `area_units`      how much of a layer lies in the whole plan and in each administrative unit
- `land_accounts`   area by class, construction land, urban construction land, expansion multiple
- `base_year`       the base year both ways: as surveyed, and after conversion by approvals (基数转换)
- `adjustment`      adjustment to a control total (平差)
- `line_occupation` what stands on the ground of the three control lines (三线占用)
- `plan_totals`     the totals that tables and text print, worked out from the layers
- `printed`         figures as a document prints them, and whether a computed value says the same
- `table_rows`      the rows of a plan's tables: which place and unit each is for
- `urban_system`    primacy and rank-size of towns

Several criteria
- `mcda`            one score of several factors: weighted mean, TOPSIS, limiting factor; and all that gives weights
- `pairwise`        weights by judgement (层次分析法)
- `data_weights`    weights by the data (熵权法、CRITIC)
- `robust`          the cells that stay suitable whatever the weights (稳健适宜核心)
- `factors`         rows × factors in blocks, and what is missing

Law and time
- `in_force`        what was in force when: code tables, schedule, regime
- `land_codes`      land codes from one table to another
- `line_versions`   the version of a control line that is in force
- `maintenance`     what the yearly maintenance of an approved plan changes (动态维护)

Place
- `forensics`       which system a layer's numbers are most likely in
- `likely_systems`  the systems that numbers may be in, other than the one declared
- `borders`         the borders of a reference, made for asking much
- `same_place`      whether one witness lies within another

A proposed site
- `site_frame` `site_ground` `site_layers` `site_projects` `site_system`  its frame, ground, layers, projects and system
"""
