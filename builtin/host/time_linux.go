package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

var (
	timeSeconds         = gauge("node_time_seconds", "The host's clock, as Unix time.")
	timeZoneOffset      = gauge("node_time_zone_offset_seconds", "How far the local time is ahead of UTC.")
	clocksourceOffered  = gauge("node_time_clocksource_available_info", "Clock sources that the kernel could use.")
	clocksourceSelected = gauge("node_time_clocksource_current_info", "The clock source that the kernel uses.")
)

// timePart reports the clock.
type timePart struct{ sources []clocksource }

// clocksource is what the kernel takes the time from.
type clocksource struct {
	device    string // its place among the clock sources: "0"
	available words
	current   words
}

func newTime(sys string) *timePart {
	dirs, _ := filepath.Glob(filepath.Join(sys, "devices/system/clocksource/clocksource[0-9]*")) // the pattern is right
	p := new(timePart)
	for i, dir := range dirs {
		p.sources = append(p.sources, clocksource{
			device:    strconv.Itoa(i),
			available: words{file: newKernelFile(filepath.Join(dir, "available_clocksource"))},
			current:   words{file: newKernelFile(filepath.Join(dir, "current_clocksource"))},
		})
	}
	return p
}

func (p *timePart) collect(_ context.Context, r *round) error {
	zone, offset := r.at.Zone()
	r.add(timeSeconds, float64(r.at.UnixNano())/1e9)
	r.add(timeZoneOffset, float64(offset), "time_zone", zone)
	for i := range p.sources {
		s := &p.sources[i]
		available, err := s.available.read(r)
		if err != nil {
			return fmt.Errorf("clock sources: %w", err)
		}
		current, err := s.current.read(r)
		if err != nil {
			return fmt.Errorf("clock source in use: %w", err)
		}
		for _, name := range available {
			r.add(clocksourceOffered, 1, "clocksource", name, "device", s.device)
		}
		for _, name := range current {
			r.add(clocksourceSelected, 1, "clocksource", name, "device", s.device)
		}
	}
	return nil
}

func (p *timePart) close() error {
	var errs []error
	for i := range p.sources {
		errs = append(errs, p.sources[i].available.file.close(), p.sources[i].current.file.close())
	}
	return errors.Join(errs...)
}

// words is a file of words that seldom change.
type words struct {
	file *kernelFile
	text []byte // that list was taken from
	list []string
}

func (w *words) read(r *round) ([]string, error) {
	text, err := w.file.content(r)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(text, w.text) {
		w.text = append(w.text[:0], text...)
		w.list = strings.Fields(string(text))
	}
	return w.list, nil
}
