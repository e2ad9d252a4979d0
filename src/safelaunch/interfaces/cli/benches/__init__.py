"""One module for each bench; `measuring` has the clock, the load and the result they share."""
