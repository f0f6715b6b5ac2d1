package process

// MarkerName is the environment variable by which the descendants of a run
// are found, wherever they have gone: it is inherited through new sessions,
// process groups and parents.
const MarkerName = "DRIFTLESS_RUN"

// Marker returns the entry of an environment that marks a run.
func Marker(id string) string { return MarkerName + "=" + id }
