"""Values: what a plan is, and what is said of it. No files, no calculation.

concept     an idea of the speech, and the sources the rules cite
layer       what a layer must look like (LayerSpec, FieldSpec)
layers      the catalogue of layers, LAYERS
accuracy    how well positions and areas are known
plan        the plan itself: named layers in one projected CRS
finding     a place where a rule does not hold, and all of them
"""
