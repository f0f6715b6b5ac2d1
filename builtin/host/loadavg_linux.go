package host

import (
	"context"
	"fmt"
	"strconv"
)

var (
	load1  = gauge("node_load1", "Load average of the last minute.")
	load5  = gauge("node_load5", "Load average of the last 5 minutes.")
	load15 = gauge("node_load15", "Load average of the last 15 minutes.")
)

type loadavgPart struct{ file *kernelFile }

func newLoadavg(proc string) *loadavgPart { return &loadavgPart{newKernelFile(proc + "/loadavg")} }

func (p *loadavgPart) collect(_ context.Context, r *round) error {
	text, err := p.file.content(r)
	if err != nil {
		return err
	}
	loads, err := parseLoadavg(text)
	if err != nil {
		return fmt.Errorf("%s: %w", p.file.path, err)
	}
	r.add(load1, loads[0])
	r.add(load5, loads[1])
	r.add(load15, loads[2])
	return nil
}

func (p *loadavgPart) close() error { return p.file.close() }

// parseLoadavg reads the three numbers that /proc/loadavg begins with.
func parseLoadavg(text []byte) (loads [3]float64, err error) {
	for i := range loads {
		var field []byte
		field, text = cutField(text)
		if loads[i], err = strconv.ParseFloat(string(field), 64); err != nil {
			return loads, fmt.Errorf("%q is not a load average", field)
		}
	}
	return loads, nil
}
