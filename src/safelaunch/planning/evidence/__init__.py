"""The evidence engine: grouped counts in, e-values, intervals and lights out (`gates.md` 5).

strata      which hubs are compared with which, frozen when a campaign starts
counts      a day of one endpoint as grouped counts, with the sums that show whether anything was lost
exposure    hubs by arm and day, from which such counts are made in memory
arms        what hubs that change arms change by region and stratum, once for all endpoints
outages     the common-cause filter
ratios      the ratios that are weighed, and what events say of each
engine      one sum per unit, endpoint and ratio; evidence since the start and since the last weeks
intervals   confidence sequences for the ratio and the excess; activations with the unknown bounded both ways
watch       a campaign's evidence and the rules' answers, day after day
"""
