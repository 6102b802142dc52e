"""What follows from findings: answers that can be checked again. No files.

- `certificate`     what makes a finding a certificate: fingerprints of the inputs, version of the rule
- `verify`          findings checked again: confirmed, different, or of an input that has changed
- `witness`         what can be said of a stated witness without the rule that made it
- `findings_since`  what is new, gone and unchanged since an earlier check
- `parity`          the official checker's error list beside our findings
- `site` `site_words` `ways_out`  may this be built here: the answer, its words, proved alternatives
"""
