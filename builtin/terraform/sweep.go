package terraform

import (
	"errors"
	"path/filepath"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/internal/process"
)

// claimName is the file that a check claims to be alone with a directory.
const claimName = "claim"

// sweep ends what the checks of a process that was killed have left below a
// private directory: providers outlive the terraform that started them. It
// returns how many processes that were.
func sweep(dir string, log hclog.Logger) (killed int) {
	claims, err := filepath.Glob(filepath.Join(dir, "stacks", "*", claimName))
	if err != nil {
		log.Warn("could not look for what earlier checks have left", "error", err)
	}
	for _, path := range claims {
		n, err := sweepClaim(path)
		killed += n
		if err != nil && !errors.Is(err, process.ErrClaimed) { // a check that goes on is nobody's orphan
			log.Warn("could not end what an earlier check has left", "error", err)
		}
	}
	if killed > 0 {
		log.Warn("ended what the checks of a process that was killed had left running", "processes", killed)
	}
	return killed
}

func sweepClaim(path string) (killed int, err error) {
	claim, err := process.TryTake(path, "")
	if err != nil {
		return 0, err
	}
	return claim.Killed, errors.Join(removeTemp(claim.DeadRun), claim.Release())
}
