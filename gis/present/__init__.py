"""Writes users' files: maps, reports, tables, QGIS packages. Knows nothing of reading.

style, audience     how a layer looks, and who may see it
web_map             one HTML map that works with no network
report              the report of check and measurement
qgis                a styled GeoPackage and a QGIS project
findings, tables    findings and indicators as files
plan_files          a plan as files;  new_plan  an empty one to fill in
explain, sketch     a rule, layer, concept or indicator in words
"""
