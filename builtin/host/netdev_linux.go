package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/driftless-hq/driftless/plugin/event"
)

// netColumns are the columns of /proc/net/dev, in their order.
var netColumns = [...]*event.Family{
	counter("node_network_receive_bytes_total", "Bytes received."),
	counter("node_network_receive_packets_total", "Packets received."),
	counter("node_network_receive_errs_total", "Packets received with an error."),
	counter("node_network_receive_drop_total", "Packets received and dropped, or missed."),
	counter("node_network_receive_fifo_total", "Packets lost because a queue of the receiver was full."),
	counter("node_network_receive_frame_total", "Packets received with a wrong length, frame or checksum."),
	counter("node_network_receive_compressed_total", "Compressed packets received."),
	counter("node_network_receive_multicast_total", "Multicast packets received."),
	counter("node_network_transmit_bytes_total", "Bytes sent."),
	counter("node_network_transmit_packets_total", "Packets sent."),
	counter("node_network_transmit_errs_total", "Packets that could not be sent because of an error."),
	counter("node_network_transmit_drop_total", "Packets dropped rather than sent."),
	counter("node_network_transmit_fifo_total", "Packets lost because a queue of the sender was full."),
	counter("node_network_transmit_colls_total", "Collisions while sending."),
	counter("node_network_transmit_carrier_total", "Packets lost because the link went away while sending."),
	counter("node_network_transmit_compressed_total", "Compressed packets sent."),
}

var netNoHandler = counter("node_network_receive_nohandler_total", "Packets received that no protocol wanted.")

// maxKeptLinks bounds the devices whose files are kept open, so that a host of
// thousands doesn't run out of descriptors.
const maxKeptLinks = 256

type netValues [len(netColumns)]uint64

// link is one network device.
type link struct {
	name   string
	values netValues
	round  uint64 // the round in which the kernel listed it last
	// noHandler is the one counter that /proc/net/dev lacks.
	noHandler *kernelFile
}

// netdevPart measures network devices.
type netdevPart struct {
	file   *kernelFile
	class  string // sysfs's directory of the devices
	filter deviceFilter
	links  []*link
	byName map[string]*link
}

func newNetdev(cfg netdevConfig, proc, sys string) (*netdevPart, error) {
	filter, err := newDeviceFilter(cfg)
	if err != nil {
		return nil, err
	}
	return &netdevPart{
		file:   newKernelFile(filepath.Join(proc, "net/dev")),
		class:  filepath.Join(sys, "class/net"),
		filter: filter,
		byName: map[string]*link{},
	}, nil
}

func (p *netdevPart) collect(_ context.Context, r *round) error {
	text, err := p.file.content(r)
	if err != nil {
		return err
	}
	if err := p.update(text, r.n); err != nil {
		return fmt.Errorf("%s: %w", p.file.path, err)
	}
	for column, family := range netColumns {
		for _, l := range p.links {
			r.add(family, float64(l.values[column]), "device", l.name)
		}
	}
	return p.collectNoHandler(r)
}

// collectNoHandler reads a file per device. A kernel older than 4.6 has none.
func (p *netdevPart) collectNoHandler(r *round) error {
	for _, l := range p.links {
		text, err := l.noHandler.content(r)
		if err != nil {
			continue
		}
		if n, ok := number(bytes.TrimSpace(text)); ok {
			r.add(netNoHandler, float64(n), "device", l.name)
		}
		if len(p.links) > maxKeptLinks {
			if err := l.noHandler.close(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *netdevPart) close() error {
	errs := []error{p.file.close()}
	for _, l := range p.links {
		errs = append(errs, l.noHandler.close())
	}
	return errors.Join(errs...)
}

// update takes over the content of /proc/net/dev.
func (p *netdevPart) update(text []byte, round uint64) error {
	_, text = cutLine(text)
	_, text = cutLine(text) // the heading has two lines
	for len(text) > 0 {
		var line []byte
		line, text = cutLine(text)
		name, values, err := parseNetdev(line)
		if err != nil {
			return err
		}
		if l := p.link(name); l != nil {
			l.values, l.round = values, round
		}
	}
	p.links = slices.DeleteFunc(p.links, func(l *link) bool {
		if l.round == round {
			return false
		}
		delete(p.byName, l.name)
		_ = l.noHandler.close() // it was only read from
		return true
	})
	return nil
}

// link returns the device of that name, nil for one that is left out.
func (p *netdevPart) link(name []byte) *link {
	if l := p.byName[string(name)]; l != nil {
		return l
	}
	if !p.filter.keeps(name) {
		return nil
	}
	l := &link{name: string(name)}
	l.noHandler = newKernelFile(filepath.Join(p.class, l.name, "statistics/rx_nohandler"))
	p.byName[l.name] = l
	p.links = append(p.links, l)
	return l
}

// parseNetdev reads a line such as "  eth0: 1 2 3 ...". The name of an alias
// holds a colon itself.
func parseNetdev(line []byte) (name []byte, values netValues, err error) {
	colon := bytes.LastIndexByte(line, ':')
	if colon < 0 {
		return nil, values, fmt.Errorf("%q has no colon", line)
	}
	name, rest := bytes.TrimSpace(line[:colon]), line[colon+1:]
	if len(name) == 0 || bytes.ContainsRune(name, '/') {
		return nil, values, fmt.Errorf("%q is not the name of a device", name)
	}
	for i := range values {
		var field []byte
		var ok bool
		field, rest = cutField(rest)
		if values[i], ok = number(field); !ok {
			return nil, values, fmt.Errorf("%q of %s is not a number", field, name)
		}
	}
	return name, values, nil
}
